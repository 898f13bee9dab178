//! Messages of the catalog service, to domain values and back.

use onsale_proto::catalog::v1 as pb;

use crate::catalog::{Concert, Schedule};

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
