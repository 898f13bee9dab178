//! Messages of the catalog service, to domain values and back.

use onsale_proto::catalog::v1 as pb;

use crate::{
    catalog::{Concert, Schedule, Seat, SeatAnswer, SeatList, SeatQuery, SeatStatus},
    failure::{Failure, Service},
};

pub(super) fn concert(concert: pb::Concert) -> Concert {
    let at = |ms: i64| (ms != 0).then_some(ms);
    Concert {
        id: concert.concert_id,
        name: concert.name,
        performer: concert.performer,
        venue: concert.venue,
        first_at_ms: at(concert.first_at_ms),
        last_at_ms: at(concert.last_at_ms),
    }
}

pub(super) fn schedule(schedule: pb::Schedule) -> Schedule {
    Schedule {
        id: schedule.schedule_id,
        starts_at_ms: schedule.starts_at_ms,
        sale_opens_at_ms: schedule.sale_opens_at_ms,
        sale_closes_at_ms: schedule.sale_closes_at_ms,
        total_seats: schedule.total_seats,
        available_seats: schedule.available_seats,
        lowest_price: schedule.lowest_price,
        highest_price: schedule.highest_price,
        currency: schedule.currency,
    }
}

pub(super) fn cursor(next: String) -> Option<String> {
    (!next.is_empty()).then_some(next)
}

pub(super) fn seats_request(query: SeatQuery) -> pb::ListSeatsRequest {
    let filter = if query.available_only { pb::SeatFilter::Available } else { pb::SeatFilter::All };
    pb::ListSeatsRequest {
        concert_id: query.concert,
        schedule_id: query.schedule,
        filter: filter.into(),
        section: query.section.unwrap_or_default(),
        known_version: query.known_version.unwrap_or_default(),
    }
}

pub(super) fn seats(response: pb::ListSeatsResponse) -> Result<SeatAnswer, Failure> {
    if response.not_modified {
        return Ok(SeatAnswer::NotModified { version: response.version });
    }
    Ok(SeatAnswer::Seats(SeatList {
        concert: response.concert_id,
        schedule: response.schedule_id,
        starts_at_ms: response.starts_at_ms,
        total_seats: response.total_seats,
        version: response.version,
        currency: response.currency,
        age_ms: response.age_ms,
        seats: response.seats.into_iter().map(seat).collect::<Result<_, _>>()?,
    }))
}

fn seat(seat: pb::Seat) -> Result<Seat, Failure> {
    let status = match seat.status() {
        pb::SeatStatus::Available => SeatStatus::Available,
        pb::SeatStatus::Held => SeatStatus::Held,
        pb::SeatStatus::Sold => SeatStatus::Sold,
        pb::SeatStatus::Blocked => SeatStatus::Blocked,
        pb::SeatStatus::Unspecified => return Err(Failure::wrong_answer(Service::Catalog, "status")),
    };
    Ok(Seat {
        number: seat.seat_no,
        status,
        price: seat.price,
        section: seat.section,
        row: seat.row,
        label: seat.label,
        tier: seat.tier,
    })
}
