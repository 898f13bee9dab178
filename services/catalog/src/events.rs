//! What `onsale-catalog events` prints: everything that happened to the seats of a schedule, one JSON object a line, as
//! docs/the-houses-data.md explains it. Read in pages, so that it takes no more memory for a long night.

use std::io::{self, Write};

use serde::Serialize;
use thiserror::Error;
use time::{OffsetDateTime, UtcOffset, macros::format_description};
use uuid::Uuid;

use crate::{
    domain::{Cause, HoldId, ScheduleId, SeatEvent, Standing},
    store::{LabelledEvent, SeatEventStore, StoreError},
};

/// How many events are read at once.
const PAGE: u32 = 2_000;

/// Why not all was printed.
#[derive(Debug, Error)]
pub enum EventsError {
    /// There is no such schedule.
    #[error("no schedule {0}")]
    NoSchedule(ScheduleId),
    /// The store does not answer, or not sensibly.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it was to be printed to does not take it.
    #[error("print an event")]
    Print(#[from] io::Error),
}

/// Prints the events of a schedule by block, and in each in the order in which they happened.
///
/// # Errors
/// See [`EventsError`]. A reader that has gone away is none.
pub async fn print(
    store: &dyn SeatEventStore,
    schedule: ScheduleId,
    out: &mut (dyn Write + Send),
) -> Result<(), EventsError> {
    let mut last: Option<SeatEvent> = None;
    loop {
        let events = store.seat_events(schedule, last.as_ref(), PAGE).await?;
        let events = events.ok_or(EventsError::NoSchedule(schedule))?;
        match events.iter().try_for_each(|event| line(event, out)).and_then(|()| out.flush()) {
            Err(gone) if gone.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            printed => printed?,
        }
        match events.last() {
            Some(event) if events.len() == PAGE as usize => last = Some(event.event),
            Some(_) | None => return Ok(()),
        }
    }
}

fn line(event: &LabelledEvent, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let line = serde_json::to_string(&Line::of(event)?)?;
    writeln!(out, "{line}")
}

/// An event as it is printed. The instant is first and always as long, so that lines sort by it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    at: String,
    seat_id: u32,
    label: &'a str,
    cause: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_hold_id: Option<Uuid>,
    block: u32,
    version: u64,
}

impl<'a> Line<'a> {
    fn of(LabelledEvent { event, label }: &'a LabelledEvent) -> io::Result<Self> {
        let (status, hold, until) = match event.standing {
            Standing::Free => ("FREE", None, None),
            Standing::Held { hold, until } => ("HELD", Some(hold), Some(until)),
            Standing::Sold { hold } => ("SOLD", Some(hold), None),
            Standing::Blocked => ("BLOCKED", None, None),
        };
        Ok(Self {
            at: micros(event.at)?,
            seat_id: event.seat_no.0,
            label,
            cause: cause(event.cause),
            status,
            hold_id: hold.map(id),
            held_until: until.map(micros).transpose()?,
            ended_hold_id: event.ended_hold.map(id),
            block: event.block,
            version: event.version,
        })
    }
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Held => "HELD",
        Cause::Extended => "EXTENDED",
        Cause::CheckedOut => "CHECKED_OUT",
        Cause::Sold => "SOLD",
        Cause::Ended => "ENDED",
        Cause::Released => "RELEASED",
        Cause::Cancelled => "CANCELLED",
        Cause::Blocked => "BLOCKED",
        Cause::Unblocked => "UNBLOCKED",
    }
}

fn id(hold: HoldId) -> Uuid {
    Uuid::from_u128(hold.0)
}

fn micros(at: OffsetDateTime) -> io::Result<String> {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    at.to_offset(UtcOffset::UTC).format(&form).map_err(io::Error::other)
}
