use async_trait::async_trait;
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{connect::PostgresStore, failure::Inconsistent, statement::Statement};
use crate::{
    domain::{Cause, HoldId, ScheduleId, SeatEvent, SeatNo, Standing},
    store::{LabelledEvent, SeatEventStore, StoreError},
};

/// One row without an event where the schedule has none behind the parameters: schedule, block, version, seat, limit.
const EVENTS: &str = "
SELECT e.*, p.label
FROM schedule s
LEFT JOIN LATERAL (
    SELECT *
    FROM seat_event
    WHERE schedule_id = s.id AND (block, version, seat_no) > ($2, $3, $4)
    ORDER BY block, version, seat_no
    LIMIT $5) e ON true
LEFT JOIN layout_seat p ON p.layout_id = s.layout_id AND p.seat_no = e.seat_no
WHERE s.id = $1
ORDER BY e.block, e.version, e.seat_no";

#[async_trait]
impl SeatEventStore for PostgresStore {
    async fn seat_events(
        &self,
        schedule: ScheduleId,
        after: Option<&SeatEvent>,
        limit: u32,
    ) -> Result<Option<Vec<LabelledEvent>>, StoreError> {
        let query = sqlx::query_as::<_, EventOrNone>(EVENTS)
            .bind(schedule.stored())
            .bind(after.map_or(-1, |after| after.block.cast_signed()))
            .bind(after.map_or(0, |after| after.version.cast_signed()))
            .bind(after.map_or(0, |after| after.seat_no.0.cast_signed()))
            .bind(i64::from(limit));
        let found = self.select(Statement { name: "list events", table: "seat_event" }, query).await?;
        if found.rows.is_empty() {
            return Ok(None);
        }
        let events = found.rows.into_iter().filter_map(|row| row.0);
        events.map(|row| row.into_event(schedule)).collect::<Result<_, _>>().map(Some)
    }
}

/// A row of a left join: no event where all is null.
struct EventOrNone(Option<EventRow>);

impl FromRow<'_, PgRow> for EventOrNone {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let version: Option<i64> = row.try_get("version")?;
        version.map(|_| EventRow::from_row(row)).transpose().map(Self)
    }
}

#[derive(FromRow)]
struct EventRow {
    block: i32,
    version: i64,
    seat_no: i32,
    at: OffsetDateTime,
    held_until: Option<OffsetDateTime>,
    hold_id: Option<Uuid>,
    ended_hold_id: Option<Uuid>,
    status: i16,
    cause: i16,
    label: Option<String>,
}

impl EventRow {
    fn into_event(self, schedule: ScheduleId) -> Result<LabelledEvent, StoreError> {
        let inconsistent = |problem| Inconsistent { table: "seat_event", id: schedule.stored(), problem };
        let hold = self.hold_id.map(hold_id);
        let standing = match (self.status, hold, self.held_until) {
            (0, _, _) => Standing::Free,
            (1, Some(hold), Some(until)) => Standing::Held { hold, until },
            (2, Some(hold), _) => Standing::Sold { hold },
            (3, _, _) => Standing::Blocked,
            _ => return Err(inconsistent("an event with a status that does not fit").into()),
        };
        let event = SeatEvent {
            block: u32::try_from(self.block).map_err(|_| inconsistent("negative block"))?,
            version: u64::try_from(self.version).map_err(|_| inconsistent("negative version"))?,
            seat_no: SeatNo(u32::try_from(self.seat_no).map_err(|_| inconsistent("negative seat"))?),
            at: self.at,
            cause: cause(self.cause).ok_or_else(|| inconsistent("unknown cause"))?,
            standing,
            ended_hold: self.ended_hold_id.map(hold_id),
        };
        Ok(LabelledEvent { event, label: self.label.unwrap_or_default() })
    }
}

fn hold_id(id: Uuid) -> HoldId {
    HoldId(id.as_u128())
}

/// The causes as `seat_event` has them.
fn cause(stored: i16) -> Option<Cause> {
    match stored {
        1 => Some(Cause::Held),
        2 => Some(Cause::Extended),
        3 => Some(Cause::CheckedOut),
        4 => Some(Cause::Sold),
        5 => Some(Cause::Ended),
        6 => Some(Cause::Released),
        7 => Some(Cause::Cancelled),
        8 => Some(Cause::Blocked),
        9 => Some(Cause::Unblocked),
        _ => None,
    }
}
