//! Messages of the sales service, to domain values and back.

use onsale_proto::catalog::v1 as pb;
use onsale_token::UserId;
use uuid::Uuid;

use crate::{
    failure::{Failure, Service},
    selling::{
        HeldSeat, Hold, HoldAnswer, HoldState, IdempotencyKey, Sale, SaleAnswer, Wanted, WantedSeats, Written,
    },
};

pub(super) fn buyer(user: &UserId) -> pb::Buyer {
    pb::Buyer { who: Some(pb::buyer::Who::User(user.as_str().to_owned())) }
}

fn key_text(key: Option<&IdempotencyKey>) -> String {
    key.map(|key| key.as_str().to_owned()).unwrap_or_default()
}

pub(super) fn hold_request(
    user: &UserId,
    wanted: Wanted,
    key: Option<&IdempotencyKey>,
    kept_answer_only: bool,
) -> pb::HoldRequest {
    pb::HoldRequest {
        buyer: Some(buyer(user)),
        concert_id: wanted.concert,
        schedule_id: wanted.schedule,
        seats: Some(seats(wanted.seats)),
        idempotency_key: key_text(key),
        kept_answer_only,
    }
}

fn seats(wanted: WantedSeats) -> pb::hold_request::Seats {
    match wanted {
        WantedSeats::Named(seat_nos) => pb::hold_request::Seats::Named(pb::SeatNumbers { seat_nos }),
        WantedSeats::BestAvailable { count, tier, section, accessible } => {
            pb::hold_request::Seats::BestAvailable(pb::BestAvailable {
                count,
                tier: tier.unwrap_or_default(),
                section: section.unwrap_or_default(),
                accessible,
            })
        }
    }
}

pub(super) fn hold_key(user: &UserId, hold: Uuid, key: Option<&IdempotencyKey>) -> pb::HoldKey {
    pb::HoldKey { buyer: Some(buyer(user)), hold_id: hold.to_string(), idempotency_key: key_text(key) }
}

pub(super) fn extend_request(user: &UserId, hold: Uuid, key: Option<&IdempotencyKey>) -> pb::ExtendRequest {
    pb::ExtendRequest { buyer: Some(buyer(user)), hold_id: hold.to_string(), idempotency_key: key_text(key) }
}

pub(super) fn confirm_request(
    user: &UserId,
    hold: Uuid,
    order_ref: String,
    key: Option<&IdempotencyKey>,
) -> pb::ConfirmRequest {
    pb::ConfirmRequest {
        buyer: Some(buyer(user)),
        hold_id: hold.to_string(),
        order_ref,
        idempotency_key: key_text(key),
    }
}

pub(super) fn sale_key(user: &UserId, sale: Uuid) -> pb::SaleKey {
    pb::SaleKey { buyer: Some(buyer(user)), sale_id: sale.to_string() }
}

pub(super) fn hold_answer(answer: pb::HoldAnswer) -> Result<HoldAnswer, Failure> {
    let hold = answer.hold.ok_or_else(|| wrong("hold"))?;
    Ok(HoldAnswer { hold: self::hold(hold)?, written: answer.written.map(written) })
}

pub(super) fn hold(hold: pb::Hold) -> Result<Hold, Failure> {
    Ok(Hold {
        id: uuid(&hold.hold_id, "hold_id")?,
        concert: hold.concert_id,
        schedule: hold.schedule_id,
        state: state(hold.state())?,
        sale: if hold.sale_id.is_empty() { None } else { Some(uuid(&hold.sale_id, "sale_id")?) },
        seats: hold.seats.into_iter().map(seat).collect(),
        amount: hold.amount,
        currency: hold.currency,
        held_at_ms: hold.held_at_ms,
        ends_at_ms: hold.ends_at_ms,
        latest_end_ms: hold.latest_end_ms,
        now_ms: hold.now_ms,
    })
}

fn state(state: pb::HoldState) -> Result<HoldState, Failure> {
    match state {
        pb::HoldState::Held => Ok(HoldState::Held),
        pb::HoldState::Paying => Ok(HoldState::Paying),
        pb::HoldState::Sold => Ok(HoldState::Sold),
        pb::HoldState::Released => Ok(HoldState::Released),
        pb::HoldState::Ended => Ok(HoldState::Ended),
        pb::HoldState::Unspecified => Err(wrong("state")),
    }
}

pub(super) fn sale_answer(answer: pb::SaleAnswer) -> Result<SaleAnswer, Failure> {
    let sale = answer.sale.ok_or_else(|| wrong("sale"))?;
    Ok(SaleAnswer { sale: self::sale(sale)?, written: answer.written.map(written) })
}

fn sale(sale: pb::Sale) -> Result<Sale, Failure> {
    Ok(Sale {
        id: uuid(&sale.sale_id, "sale_id")?,
        hold: uuid(&sale.hold_id, "hold_id")?,
        concert: sale.concert_id,
        schedule: sale.schedule_id,
        order_ref: sale.order_ref,
        seats: sale.seats.into_iter().map(seat).collect(),
        amount: sale.amount,
        currency: sale.currency,
        sold_at_ms: sale.sold_at_ms,
        cancelled_at_ms: (sale.cancelled_at_ms != 0).then_some(sale.cancelled_at_ms),
    })
}

fn seat(seat: pb::HeldSeat) -> HeldSeat {
    HeldSeat {
        number: seat.seat_no,
        price: seat.price,
        section: seat.section,
        row: seat.row,
        label: seat.label,
        tier: seat.tier,
    }
}

fn written(written: pb::Written) -> Written {
    let blocks = written.blocks.into_iter().map(|block| (block.block, block.version)).collect();
    Written { schedule: written.schedule_id, epoch: written.epoch, blocks }
}

fn uuid(text: &str, field: &'static str) -> Result<Uuid, Failure> {
    Uuid::try_parse(text).map_err(|_| wrong(field))
}

fn wrong(field: &'static str) -> Failure {
    Failure::wrong_answer(Service::Catalog, field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_lacks_something_is_broken_and_says_what() {
        let nothing = hold_answer(pb::HoldAnswer::default()).unwrap_err();
        assert!(nothing.to_string().contains("hold is missing"), "{nothing}");
        let hold = pb::Hold { hold_id: Uuid::nil().to_string(), ..Default::default() };
        let stateless = hold_answer(pb::HoldAnswer { hold: Some(hold), written: None }).unwrap_err();
        assert!(stateless.to_string().contains("state is missing"), "{stateless}");
        let nameless = sale_answer(pb::SaleAnswer { sale: Some(pb::Sale::default()), written: None });
        assert!(nameless.unwrap_err().to_string().contains("sale_id is missing"));
    }
}
