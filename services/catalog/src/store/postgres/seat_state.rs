use std::time::Instant;

use sqlx::FromRow;
use time::OffsetDateTime;

use super::{connect::PostgresStore, failure::Inconsistent, statement::Statement};
use crate::{
    domain::{ScheduleId, Seat, SeatFilter, SeatList, SeatNo, SeatStatus, SeatsVersion},
    store::{FoundSeats, SeatsQuery, StoreError},
};

/// A schedule's seats with their version, from one snapshot at one instant.
///
/// The version comes first, from the schedule's blocks; where it is the one that the caller knows,
/// the WHERE of the second part is false before a seat is read. The seats come as one array a
/// field, in one row with what is said once for all of them.
///
/// OFFSET 0 is a fence: each part is read once, along its key, and then merged, whatever the
/// planner thinks of the size of a hall that it does not know yet.
///
/// Parameters: concert, schedule, whether only free seats, section, and of the known version the
/// epoch, the revision, the sum of versions and the free seats.
pub const SEATS: &str = "
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t),
found AS MATERIALIZED (
    SELECT s.id, s.layout_id, s.starts_at, s.currency, s.revision, l.seat_count, f.versions, f.free,
           (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS epoch,
           ($4::text IS NULL OR EXISTS (
               SELECT FROM layout_section n WHERE n.layout_id = s.layout_id AND n.section = $4))
               AS has_section,
           clock.t
    FROM clock
    CROSS JOIN schedule s
    JOIN layout l ON l.id = s.layout_id
    CROSS JOIN LATERAL schedule_figures(s.id, clock.t) f
    WHERE s.id = $2 AND s.concert_id = $1)
SELECT found.id, found.starts_at, found.currency, found.revision, found.seat_count, found.versions,
       found.free, found.epoch, found.has_section, seats.*
FROM found
CROSS JOIN LATERAL (
    SELECT array_agg(seat.seat_no) AS seat_no, array_agg(seat.status) AS status,
           array_agg(seat.price) AS price, array_agg(seat.section) AS section,
           array_agg(seat.row_label) AS row_label, array_agg(seat.label) AS label,
           array_agg(seat.tier) AS tier
    FROM (
        SELECT p.seat_no, p.section, p.row_label, p.label, p.tier, t.price,
               CASE WHEN seat_is_free(s.status, s.held_until, found.t) THEN 0::smallint ELSE s.status END AS status
        FROM (
            SELECT * FROM layout_seat WHERE layout_id = found.layout_id ORDER BY seat_no OFFSET 0) p
        JOIN (
            SELECT * FROM seat_state WHERE schedule_id = found.id ORDER BY seat_no OFFSET 0) s
            USING (seat_no)
        LEFT JOIN (
            SELECT * FROM schedule_tier WHERE schedule_id = found.id OFFSET 0) t
            USING (tier)
        WHERE found.has_section
          AND (found.epoch, found.revision, found.versions, found.free) IS DISTINCT FROM ($5, $6, $7, $8)
          AND ($4 IS NULL OR p.section = $4)
          AND (NOT $3 OR seat_is_free(s.status, s.held_until, found.t))
        ORDER BY p.seat_no) seat
) seats";

/// A schedule's seats, by number.
pub(super) async fn list(store: &PostgresStore, query: SeatsQuery) -> Result<FoundSeats, StoreError> {
    let sql = sqlx::query_as::<_, ListRow>(SEATS)
        .bind(query.concert.stored())
        .bind(query.schedule.stored())
        .bind(query.filter == SeatFilter::Available)
        .bind(query.section.as_ref().map(|section| section.as_str().to_owned()))
        .bind(query.known.map(|known| known.epoch))
        .bind(query.known.map(|known| known.revision))
        .bind(query.known.map(|known| known.versions))
        .bind(query.known.map(|known| known.free));
    let found = store.select(Statement { name: "list seats", table: "seat_state" }, sql).await?;
    match found.rows.into_iter().next() {
        None => Ok(FoundSeats::NoSchedule),
        Some(row) if !row.has_section => Ok(FoundSeats::NoSection),
        Some(row) => row.into_list(&query, found.asked_at).map(FoundSeats::Listed),
    }
}

#[derive(FromRow)]
struct ListRow {
    id: i64,
    starts_at: OffsetDateTime,
    currency: String,
    revision: i64,
    seat_count: i32,
    versions: i64,
    free: i64,
    epoch: i64,
    has_section: bool,
    #[sqlx(flatten)]
    seats: SeatColumns,
}

impl ListRow {
    fn into_list(self, query: &SeatsQuery, asked_at: Instant) -> Result<SeatList, StoreError> {
        let id = self.id;
        let inconsistent = |problem| Inconsistent { table: "schedule", id, problem };
        let schedule = ScheduleId::try_from(id).map_err(|_| inconsistent("id is not positive"))?;
        let total_seats = u32::try_from(self.seat_count).map_err(|_| inconsistent("negative seats"))?;
        let version = SeatsVersion {
            schedule,
            epoch: self.epoch,
            revision: self.revision,
            versions: self.versions,
            free: self.free,
        };
        let unchanged = query.known == Some(version);
        let seats = if unchanged { None } else { Some(self.seats.into_seats().map_err(inconsistent)?) };
        let whole = query.filter == SeatFilter::All && query.section.is_none();
        if whole && seats.as_ref().is_some_and(|seats| seats.len() != total_seats as usize) {
            return Err(inconsistent("not every seat of its layout has a state").into());
        }
        let (starts_at, currency) = (self.starts_at, self.currency);
        Ok(SeatList { schedule, starts_at, currency, total_seats, version, seats, asked_at })
    }
}

/// The seats, field by field; null where there are none.
#[derive(FromRow)]
struct SeatColumns {
    seat_no: Option<Vec<i32>>,
    status: Option<Vec<i16>>,
    price: Option<Vec<Option<i64>>>,
    section: Option<Vec<String>>,
    row_label: Option<Vec<String>>,
    label: Option<Vec<String>>,
    tier: Option<Vec<String>>,
}

impl SeatColumns {
    fn into_seats(self) -> Result<Vec<Seat>, &'static str> {
        let state = column(self.seat_no).zip(column(self.status)).zip(column(self.price));
        let place = column(self.section).zip(column(self.row_label)).zip(column(self.label));
        let seats = state.zip(place).zip(column(self.tier));
        seats
            .map(|((((seat_no, status), price), ((section, row), label)), tier)| {
                Ok(Seat {
                    seat_no: SeatNo(u32::try_from(seat_no).map_err(|_| "seat number is negative")?),
                    status: seat_status(status).ok_or("unknown status of a seat")?,
                    price: price.ok_or("a seat's tier has no price")?,
                    section,
                    row,
                    label,
                    tier,
                })
            })
            .collect()
    }
}

fn column<T>(values: Option<Vec<T>>) -> impl Iterator<Item = T> {
    values.into_iter().flatten()
}

/// The statuses as `seat_state` has them.
fn seat_status(stored: i16) -> Option<SeatStatus> {
    match stored {
        0 => Some(SeatStatus::Available),
        1 => Some(SeatStatus::Held),
        2 => Some(SeatStatus::Sold),
        3 => Some(SeatStatus::Blocked),
        _ => None,
    }
}
