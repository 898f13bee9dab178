//! What may be wrong with a gateway, and which answers show it.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use axum::http::Method;
use serde_json::{Value, json};

use crate::calls::Call;

/// Far more than an objective, and far less than a time-out.
const SLOW: Duration = Duration::from_millis(300);

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    /// Nothing is: the control.
    Nothing,
    /// Who asks where it stands is answered late.
    SlowStatus,
    /// Who is in is not told until when.
    ActiveWithoutEnd,
    /// Who is in is told another session each time.
    OtherSession,
    /// Who waits is told a higher position each time.
    RisingPosition,
    /// Who joins again is told another number.
    OtherNumber,
    /// The seats say that they are of another schedule.
    SeatsOfAnother,
    /// The hall has a seat more than it has.
    MoreSeats,
    /// The seats are from a while ago.
    OldSeats,
    /// A hold has another seat than the one that was asked for.
    OtherSeatHeld,
    /// A hold ends when it begins.
    HoldEnded,
    /// A sale is told under another id when it is confirmed again.
    OtherSale,
    /// A share of the answers to who asks where it stands are 500.
    Faults,
    /// A share of the holds are refused with 503, without a word on when to come back.
    RefusedWithoutTime,
    /// A share of those who join are told that they made a mistake.
    JoinsNotUnderstood,
    /// A room that an operator opens is paused.
    PausedRoom,
    /// Nothing is answered but 503.
    NotReady,
}

/// One answer of each so many is a fault.
const FAULT_EACH: u64 = 5;

impl Spoil {
    /// How long a request is kept.
    pub(crate) fn keeps(self, call: Call) -> Duration {
        if self == Self::SlowStatus && call == Call::Status { SLOW } else { Duration::ZERO }
    }

    /// An answer that the gateway is not asked for.
    pub(crate) fn instead(self, call: Call, counter: &AtomicU64) -> Option<u16> {
        if self == Self::NotReady {
            return Some(503);
        }
        let instead = match (self, call) {
            (Self::Faults, Call::Status) => 500,
            (Self::RefusedWithoutTime, Call::Hold) => 503,
            (Self::JoinsNotUnderstood, Call::Token) => 422,
            _ => return None,
        };
        counter.fetch_add(1, Relaxed).is_multiple_of(FAULT_EACH).then_some(instead)
    }

    /// What the gateway is told.
    pub(crate) fn request(self, method: &Method, call: Call, body: &mut Value) -> bool {
        let is_policy = call == Call::AdminRoom && method == Method::PUT;
        let spoils = self == Self::PausedRoom && is_policy && body["policy"]["mode"] == "open";
        if spoils {
            body["policy"]["mode"] = json!("paused");
        }
        spoils
    }

    /// What the client is told in place of what the gateway says; whether that was altered.
    pub(crate) fn answer(self, call: Call, status: u16, body: &mut Value, counter: &AtomicU64) -> bool {
        let stands = |status: &str| body["status"] == status;
        let next = || counter.fetch_add(1, Relaxed) + 1;
        let one_more = |at: &str| json!(body.pointer(at).and_then(Value::as_u64).unwrap_or_default() + 1);
        let (at, told) = match (self, call, status) {
            (Self::ActiveWithoutEnd, Call::Status, 200) if stands("ACTIVE") => ("/expiresAt", Value::Null),
            (Self::OtherSession, Call::Status, 200) if stands("ACTIVE") => {
                ("/sessionId", json!(format!("session-{}", next())))
            }
            (Self::RisingPosition, Call::Status, 200) if stands("WAITING") => {
                ("/remainingQueueCount", json!(next()))
            }
            (Self::OtherNumber, Call::Token, 201) => ("/number", json!(next())),
            (Self::SeatsOfAnother, Call::Seats, 200) => ("/scheduleId", one_more("/scheduleId")),
            (Self::MoreSeats, Call::Seats, 200) => ("/totalSeats", one_more("/totalSeats")),
            (Self::OldSeats, Call::Seats, 200) => ("/ageMs", json!(900)),
            (Self::OtherSeatHeld, Call::Hold, 201) => ("/seats/0/seatId", one_more("/seats/0/seatId")),
            (Self::HoldEnded, Call::Hold, 201) => ("/endsAt", body["serverTime"].clone()),
            (Self::OtherSale, Call::Confirmation, 200 | 201) => {
                ("/saleId", json!(format!("sale-{}", next())))
            }
            _ => return false,
        };
        body.pointer_mut(at).map(|field| *field = told).is_some()
    }
}
