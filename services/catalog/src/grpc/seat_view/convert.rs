use std::collections::HashSet;

use onsale_proto::catalog::v1 as proto;
use onsale_seat_view::{SeatState, SeatVector};
use proto::schedule_seats::News;

use crate::{
    domain::{Invalid, Layout, LayoutId, Problem, ScheduleId, unix_ms},
    grpc::convert::whole_ms,
    seat_view::{SeatView, Told, ToldSeats, Watch},
};

/// As many as one call may be about.
const MOST_WATCHED: usize = 4_096;
/// An answer that has come to so many bytes is not made longer; the caller asks again for the rest.
const ENOUGH_BYTES: usize = 8 << 20;

/// The schedules of a `RefreshSeats`.
pub(super) fn watched(request: proto::RefreshSeatsRequest) -> Result<Vec<Watch>, Invalid> {
    let wrong = |problem| Invalid { field: "watched", problem };
    if request.watched.len() > MOST_WATCHED {
        return Err(wrong(Problem::TooMany { max: MOST_WATCHED }));
    }
    let mut seen = HashSet::new();
    let watch = |watched: proto::WatchedSchedule| {
        let schedule = ScheduleId::try_from(watched.schedule_id).map_err(|_| wrong(Problem::Id))?;
        if seen.insert(schedule) {
            Ok(Watch { schedule, known: watched.known.map(vector) })
        } else {
            Err(wrong(Problem::Repeated))
        }
    };
    request.watched.into_iter().map(watch).collect()
}

/// The hall of a `GetLayout`.
pub(super) fn layout_id(id: u64) -> Result<LayoutId, Invalid> {
    id.try_into().map_err(|_| Invalid { field: "layout_id", problem: Problem::Id })
}

/// What is told of watched schedules.
pub(super) fn refreshed(told: &[Told]) -> proto::RefreshSeatsResponse {
    let (mut schedules, mut bytes) = (Vec::with_capacity(told.len()), 0);
    for told in told {
        if bytes > ENOUGH_BYTES {
            break;
        }
        bytes += told.seats.as_ref().map_or(0, size);
        schedules.push(schedule(told));
    }
    proto::RefreshSeatsResponse { schedules }
}

/// A hall as the contract has it.
pub(super) fn layout(layout: Layout) -> proto::Layout {
    let seat = |seat: crate::domain::LayoutSeat| proto::LayoutSeat {
        section: seat.section,
        row: seat.row,
        position: seat.position,
        label: seat.label,
        tier: seat.tier,
        accessible: seat.accessible,
    };
    proto::Layout {
        layout_id: layout.id.value(),
        name: layout.name,
        seats: layout.seats.into_iter().map(seat).collect(),
    }
}

/// About how many bytes this will come to.
fn size(seats: &ToldSeats) -> usize {
    match seats {
        ToldSeats::Nothing(_) => 64,
        ToldSeats::Changes(_, seats) => 16 * seats.len(),
        ToldSeats::All(view) => 9 * view.seats.count() as usize,
    }
}

fn schedule(told: &Told) -> proto::ScheduleSeats {
    let schedule_id = told.schedule.value();
    let Some(seats) = &told.seats else {
        return proto::ScheduleSeats { schedule_id, not_found: true, ..Default::default() };
    };
    let view = seats.view();
    let news = match seats {
        ToldSeats::Nothing(_) => None,
        ToldSeats::Changes(view, seats) => Some(News::Changes(changes(view, seats))),
        ToldSeats::All(view) => Some(News::All(all(view))),
    };
    proto::ScheduleSeats {
        schedule_id,
        not_found: false,
        age_ms: whole_ms(view.age(told.at)),
        now_us: view.clock.at(told.at),
        vector: news.as_ref().map(|_| vector_message(view.seats.vector())),
        news,
    }
}

fn all(view: &SeatView) -> proto::AllSeats {
    let facts = &view.facts;
    proto::AllSeats {
        concert_id: facts.concert.value(),
        layout_id: facts.layout.value(),
        starts_at_ms: unix_ms(facts.starts_at),
        sale_opens_at_ms: unix_ms(facts.sale_opens_at),
        sale_closes_at_ms: unix_ms(facts.sale_closes_at),
        currency: facts.currency.clone(),
        price_by_tier: facts.prices.iter().cloned().collect(),
        states: view.seats.states().map(SeatState::code).collect(),
        held_until_us: view.seats.states().filter_map(SeatState::until_us).collect(),
    }
}

fn changes(view: &SeatView, seats: &[u32]) -> proto::SeatChanges {
    let states: Vec<_> = seats.iter().filter_map(|seat_no| view.seats.state(*seat_no)).collect();
    proto::SeatChanges {
        seat_nos: seats.to_vec(),
        states: states.iter().map(|state| state.code()).collect(),
        held_until_us: states.iter().filter_map(|state| state.until_us()).collect(),
    }
}

fn vector(message: proto::SeatVector) -> SeatVector {
    SeatVector { epoch: message.epoch, revision: message.revision, blocks: message.blocks }
}

fn vector_message(vector: &SeatVector) -> proto::SeatVector {
    proto::SeatVector { epoch: vector.epoch, revision: vector.revision, blocks: vector.blocks.clone() }
}
