//! Messages to questions, naming the field that is wrong; answers to messages, which cannot fail.

use std::time::{Duration, Instant};

use onsale_proto::catalog::v1 as proto;
use time::OffsetDateTime;

use crate::{
    domain::{
        Concert, ConcertId, Invalid, Page, PageLimit, Problem, Schedule, ScheduleId, ScheduleQuery, Seat,
        SeatFilter, SeatList, SeatStatus, Section, StartRange, instant_from_unix_ms, unix_ms,
    },
    reading::{ListConcerts, ListSchedules, ListSeats},
};

/// The concert that a request is about.
pub(super) fn concert_id(id: u64) -> Result<ConcertId, Invalid> {
    id.try_into().map_err(|_| Invalid { field: "concert_id", problem: Problem::Id })
}

/// The question of a `ListConcerts`.
pub(super) fn list_concerts(request: proto::ListConcertsRequest) -> Result<ListConcerts, Invalid> {
    Ok(ListConcerts { limit: PageLimit::new(request.limit)?, cursor: given(request.cursor) })
}

/// The question of a `ListSchedules`.
pub(super) fn list_schedules(request: proto::ListSchedulesRequest) -> Result<ListSchedules, Invalid> {
    let concert = concert_id(request.concert_id)?;
    let starts = StartRange::new(instant(request.from_ms, "from_ms")?, instant(request.to_ms, "to_ms")?)?;
    Ok(ListSchedules {
        query: ScheduleQuery { concert, starts },
        limit: PageLimit::new(request.limit)?,
        cursor: given(request.cursor),
    })
}

/// The question of a `ListSeats`.
pub(super) fn list_seats(request: proto::ListSeatsRequest) -> Result<ListSeats, Invalid> {
    let filter = match request.filter() {
        proto::SeatFilter::All => SeatFilter::All,
        proto::SeatFilter::Available => SeatFilter::Available,
        // Also what an enum value that the contract does not have is read as.
        proto::SeatFilter::Unspecified if request.filter == 0 => SeatFilter::default(),
        proto::SeatFilter::Unspecified => {
            return Err(Invalid { field: "filter", problem: Problem::UnknownValue });
        }
    };
    Ok(ListSeats {
        concert: concert_id(request.concert_id)?,
        schedule: ScheduleId::try_from(request.schedule_id)
            .map_err(|_| Invalid { field: "schedule_id", problem: Problem::Id })?,
        filter,
        section: Section::new(request.section)?,
        known_version: request.known_version,
    })
}

/// A concert as the contract has it.
pub(super) fn concert(concert: Concert) -> proto::Concert {
    let (first, last) = concert.dates.unzip();
    proto::Concert {
        concert_id: concert.id.value(),
        name: concert.name,
        performer: concert.performer,
        venue: concert.venue,
        first_at_ms: first.map_or(0, unix_ms),
        last_at_ms: last.map_or(0, unix_ms),
    }
}

/// A page of concerts as the contract has it.
pub(super) fn concerts(page: Page<Concert>) -> proto::ListConcertsResponse {
    proto::ListConcertsResponse {
        concerts: page.items.into_iter().map(concert).collect(),
        next_cursor: page.next.unwrap_or_default(),
    }
}

/// A page of schedules as the contract has it.
pub(super) fn schedules(of: ConcertId, page: Page<Schedule>) -> proto::ListSchedulesResponse {
    proto::ListSchedulesResponse {
        concert_id: of.value(),
        schedules: page.items.into_iter().map(schedule).collect(),
        next_cursor: page.next.unwrap_or_default(),
    }
}

/// A list of seats as the contract has it, answered at `now`.
pub(super) fn seats(of: ConcertId, list: SeatList, now: Instant) -> proto::ListSeatsResponse {
    proto::ListSeatsResponse {
        concert_id: of.value(),
        schedule_id: list.schedule.value(),
        starts_at_ms: unix_ms(list.starts_at),
        total_seats: list.total_seats,
        version: list.version.encode(),
        not_modified: list.seats.is_none(),
        seats: list.seats.into_iter().flatten().map(seat).collect(),
        currency: list.currency,
        age_ms: whole_ms(now.saturating_duration_since(list.asked_at)),
    }
}

fn schedule(schedule: Schedule) -> proto::Schedule {
    proto::Schedule {
        schedule_id: schedule.id.value(),
        starts_at_ms: unix_ms(schedule.starts_at),
        sale_opens_at_ms: unix_ms(schedule.sale_opens_at),
        sale_closes_at_ms: unix_ms(schedule.sale_closes_at),
        total_seats: schedule.total_seats,
        available_seats: schedule.available_seats,
        lowest_price: schedule.prices.lowest,
        highest_price: schedule.prices.highest,
        currency: schedule.prices.currency,
    }
}

fn seat(seat: Seat) -> proto::Seat {
    proto::Seat {
        seat_no: seat.seat_no.0,
        status: status(seat.status).into(),
        price: seat.price,
        section: seat.section,
        row: seat.row,
        label: seat.label,
        tier: seat.tier,
    }
}

fn status(status: SeatStatus) -> proto::SeatStatus {
    match status {
        SeatStatus::Available => proto::SeatStatus::Available,
        SeatStatus::Held => proto::SeatStatus::Held,
        SeatStatus::Sold => proto::SeatStatus::Sold,
        SeatStatus::Blocked => proto::SeatStatus::Blocked,
    }
}

fn instant(ms: Option<i64>, field: &'static str) -> Result<Option<OffsetDateTime>, Invalid> {
    ms.map(|ms| instant_from_unix_ms(ms, field)).transpose()
}

fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Rounded up: an age is never said to be less than it is.
pub(super) fn whole_ms(age: Duration) -> u64 {
    u64::try_from(age.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
