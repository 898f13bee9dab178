//! Messages of selling to requests, naming the field that is wrong; answers to messages, which cannot fail.

use onsale_proto::catalog::v1 as proto;
use uuid::Uuid;

use super::digest::digest;
use crate::{
    domain::{
        Buyer, ConcertId, HeldSeat, Hold, HoldAnswer, HoldId, HoldState, HouseSeatsAnswer, IdempotencyKey,
        Invalid, Keyed, OrderRef, OwnHold, OwnSale, Problem, Sale, SaleAnswer, SaleId, ScheduleId,
        SeatNumbers, Section, Written, amount, unix_ms,
    },
    grpc::convert::concert_id,
    metrics::Operation,
    sales::{Confirm, HoldBest, HoldNamed},
    store::HouseSeats,
};

/// The longest name of a tier, in characters.
const LONGEST_TIER: usize = 32;

/// So many seats at once are blocked or unblocked at most.
const MOST_HOUSE_SEATS: usize = 1_000;

/// What a `Hold` asks for.
pub(super) enum HoldRequest {
    /// These seats.
    Named(HoldNamed),
    /// What was answered before.
    Kept(Buyer, Keyed),
    /// Whatever is best.
    Best(HoldBest),
}

/// What a `Hold` is, whatever is wrong with it.
pub(super) fn hold_operation(request: &proto::HoldRequest) -> Operation {
    match request.seats {
        Some(proto::hold_request::Seats::BestAvailable(_)) => Operation::HoldBestAvailable,
        Some(proto::hold_request::Seats::Named(_)) | None => Operation::Hold,
    }
}

/// The request of a `Hold`.
pub(super) fn hold(request: proto::HoldRequest) -> Result<HoldRequest, Invalid> {
    let only_kept = request.kept_answer_only;
    let keyed = hold_key(&request)?;
    let buyer = buyer(request.buyer)?;
    let concert = concert_id(request.concert_id)?;
    let schedule = schedule_id(request.schedule_id)?;
    let wanted = match request.seats {
        Some(proto::hold_request::Seats::Named(named)) => {
            let (seats, keyed, buyer) = (named_seats(&named)?, keyed.clone(), buyer.clone());
            HoldRequest::Named(HoldNamed { buyer, concert, schedule, seats, keyed })
        }
        Some(proto::hold_request::Seats::BestAvailable(best)) => {
            let (keyed, buyer) = (keyed.clone(), buyer.clone());
            HoldRequest::Best(best_available(best, buyer, concert, schedule, keyed)?)
        }
        None => return Err(Invalid { field: "named", problem: Problem::Missing }),
    };
    match (only_kept, keyed) {
        (true, Some(keyed)) => Ok(HoldRequest::Kept(buyer, keyed)),
        (true, None) => Err(Invalid { field: "idempotency_key", problem: Problem::Missing }),
        (false, _) => Ok(wanted),
    }
}

fn best_available(
    best: proto::BestAvailable,
    buyer: Buyer,
    concert: ConcertId,
    schedule: ScheduleId,
    keyed: Option<Keyed>,
) -> Result<HoldBest, Invalid> {
    let max = SeatNumbers::MAX_HELD;
    let count = best.count as usize;
    if !(1..=max).contains(&count) {
        return Err(Invalid { field: "best_available.count", problem: Problem::Count { max } });
    }
    let (tier, section) = (tier(best.tier)?, Section::new(best.section)?);
    Ok(HoldBest { buyer, concert, schedule, count, tier, section, accessible: best.accessible, keyed })
}

/// The name of a tier, empty for any.
fn tier(name: String) -> Result<Option<String>, Invalid> {
    if name.chars().count() > LONGEST_TIER {
        return Err(Invalid {
            field: "best_available.tier",
            problem: Problem::TooLong { max: LONGEST_TIER },
        });
    }
    Ok((!name.is_empty()).then_some(name))
}

/// The seats of a `Block` or an `Unblock`.
pub(super) fn house_seats(request: &proto::HouseSeatsRequest) -> Result<HouseSeats, Invalid> {
    Ok(HouseSeats {
        concert: concert_id(request.concert_id)?,
        schedule: schedule_id(request.schedule_id)?,
        seats: SeatNumbers::new(&request.seat_nos, MOST_HOUSE_SEATS, "seat_nos")?,
    })
}

/// What became of the seats of a `Block` or an `Unblock`.
pub(super) fn house_seats_answer(answer: HouseSeatsAnswer) -> proto::HouseSeatsResponse {
    proto::HouseSeatsResponse { changed: answer.changed, written: answer.written.map(written) }
}

/// The key of a `Hold`. Whether only a kept answer is wanted does not make it another request.
fn hold_key(request: &proto::HoldRequest) -> Result<Option<Keyed>, Invalid> {
    let bare =
        proto::HoldRequest { idempotency_key: String::new(), kept_answer_only: false, ..request.clone() };
    keyed("Hold", request.idempotency_key.clone(), &bare)
}

fn named_seats(named: &proto::SeatNumbers) -> Result<SeatNumbers, Invalid> {
    SeatNumbers::new(&named.seat_nos, SeatNumbers::MAX_HELD, "named.seat_nos")
}

/// The hold of a request without more to it.
pub(super) fn own_hold(operation: &str, request: proto::HoldKey) -> Result<OwnHold, Invalid> {
    let bare = proto::HoldKey { idempotency_key: String::new(), ..request.clone() };
    let keyed = keyed(operation, request.idempotency_key, &bare)?;
    Ok(OwnHold { buyer: buyer(request.buyer)?, hold: hold_id(&request.hold_id)?, keyed })
}

/// The hold of an `Extend`.
pub(super) fn extend(request: proto::ExtendRequest) -> Result<OwnHold, Invalid> {
    let bare = proto::ExtendRequest { idempotency_key: String::new(), ..request.clone() };
    let keyed = keyed("Extend", request.idempotency_key, &bare)?;
    Ok(OwnHold { buyer: buyer(request.buyer)?, hold: hold_id(&request.hold_id)?, keyed })
}

/// The request of a `Confirm`.
pub(super) fn confirm(request: proto::ConfirmRequest) -> Result<Confirm, Invalid> {
    let bare = proto::ConfirmRequest { idempotency_key: String::new(), ..request.clone() };
    let keyed = keyed("Confirm", request.idempotency_key, &bare)?;
    let own = OwnHold { buyer: buyer(request.buyer)?, hold: hold_id(&request.hold_id)?, keyed };
    Ok(Confirm { own, order: OrderRef::new(request.order_ref)? })
}

/// The sale of a request.
pub(super) fn own_sale(request: proto::SaleKey) -> Result<OwnSale, Invalid> {
    let sale = SaleId(uuid(&request.sale_id, "sale_id")?);
    Ok(OwnSale { buyer: buyer(request.buyer)?, sale })
}

/// Who buys.
pub(super) fn buyer(buyer: Option<proto::Buyer>) -> Result<Buyer, Invalid> {
    match buyer.and_then(|buyer| buyer.who) {
        Some(proto::buyer::Who::User(name)) => Buyer::user(name),
        Some(proto::buyer::Who::Channel(name)) => Buyer::channel(name),
        None => Err(Invalid { field: "buyer", problem: Problem::Missing }),
    }
}

/// The schedule of a request.
pub(super) fn schedule_id(id: u64) -> Result<ScheduleId, Invalid> {
    id.try_into().map_err(|_| Invalid { field: "schedule_id", problem: Problem::Id })
}

fn keyed(operation: &str, key: String, bare: &impl prost::Message) -> Result<Option<Keyed>, Invalid> {
    let key = IdempotencyKey::new(key)?;
    Ok(key.map(|key| Keyed { key, digest: digest(operation, bare) }))
}

fn hold_id(text: &str) -> Result<HoldId, Invalid> {
    uuid(text, "hold_id").map(HoldId)
}

fn uuid(text: &str, field: &'static str) -> Result<u128, Invalid> {
    Uuid::try_parse(text).map(|id| id.as_u128()).map_err(|_| Invalid { field, problem: Problem::NotAUuid })
}

/// A hold that somebody may have changed.
pub(super) fn hold_answer(answer: HoldAnswer) -> proto::HoldAnswer {
    proto::HoldAnswer { hold: Some(told_hold(answer.hold)), written: answer.written.map(written) }
}

/// A hold as it stands.
pub(super) fn told_hold(hold: Hold) -> proto::Hold {
    proto::Hold {
        hold_id: text(hold.id.0),
        concert_id: hold.concert.value(),
        schedule_id: hold.schedule.value(),
        state: state(hold.state).into(),
        amount: amount(&hold.seats),
        seats: hold.seats.into_iter().map(seat).collect(),
        currency: hold.currency,
        held_at_ms: unix_ms(hold.held_at),
        ends_at_ms: unix_ms(hold.ends_at),
        latest_end_ms: unix_ms(hold.latest_end_at),
        now_ms: unix_ms(hold.now),
        sale_id: hold.sale.map(|sale| text(sale.0)).unwrap_or_default(),
    }
}

/// A sale that somebody may have changed.
pub(super) fn sale_answer(answer: SaleAnswer) -> proto::SaleAnswer {
    proto::SaleAnswer { sale: Some(told_sale(answer.sale)), written: answer.written.map(written) }
}

fn told_sale(sale: Sale) -> proto::Sale {
    proto::Sale {
        sale_id: text(sale.id.0),
        hold_id: text(sale.hold.0),
        concert_id: sale.concert.value(),
        schedule_id: sale.schedule.value(),
        order_ref: sale.order_ref,
        amount: amount(&sale.seats),
        seats: sale.seats.into_iter().map(seat).collect(),
        currency: sale.currency,
        sold_at_ms: unix_ms(sale.sold_at),
        cancelled_at_ms: sale.cancelled_at.map_or(0, unix_ms),
    }
}

/// The versions that a write made.
pub(super) fn written(written: Written) -> proto::Written {
    let blocks = written.blocks.into_iter();
    proto::Written {
        schedule_id: written.schedule.value(),
        epoch: written.epoch,
        blocks: blocks
            .map(|block| proto::BlockVersion { block: block.block, version: block.version })
            .collect(),
    }
}

fn seat(seat: HeldSeat) -> proto::HeldSeat {
    proto::HeldSeat {
        seat_no: seat.seat_no.0,
        price: seat.price,
        section: seat.section,
        row: seat.row,
        label: seat.label,
        tier: seat.tier,
    }
}

fn state(state: HoldState) -> proto::HoldState {
    match state {
        HoldState::Held => proto::HoldState::Held,
        HoldState::Paying => proto::HoldState::Paying,
        HoldState::Sold => proto::HoldState::Sold,
        HoldState::Released => proto::HoldState::Released,
        HoldState::Ended => proto::HoldState::Ended,
    }
}

fn text(id: u128) -> String {
    Uuid::from_u128(id).to_string()
}
