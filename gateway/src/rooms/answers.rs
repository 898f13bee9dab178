//! Answers that the gateway makes itself, from a view and a number.

use onsale_token::{POLL_CEILING_MS, POLL_FLOOR_MS, QueueToken, RoomView};

use crate::rooms::{Place, Session, Standing, known::KnownRoom};

/// A random number from −1 to 1, so that polls which came together do not stay together.
pub(crate) fn jitter() -> f64 {
    rand::random_range(-1.0..=1.0)
}

/// A place in a room that is off: nobody waits there.
pub(crate) fn not_in_force(view: &RoomView, token: &QueueToken, jitter: f64) -> Place {
    Place {
        standing: Standing::Active,
        poll_after_ms: Some(view.poll_after_ms(None, jitter)),
        ..blank(view, token)
    }
}

/// A place in line.
pub(crate) fn waiting(
    view: &RoomView,
    token: &QueueToken,
    remaining: u64,
    (now_ms, jitter): (i64, f64),
) -> Place {
    let wait = view.wait(token.number, now_ms);
    let poll_after_ms = Some(view.poll_after_ms(wait, jitter));
    Place { remaining, wait, poll_after_ms, ..blank(view, token) }
}

/// A place in line of a room that is closed.
pub(crate) fn closed(view: &RoomView, token: &QueueToken) -> Place {
    Place { standing: Standing::Closed, ..blank(view, token) }
}

/// A place in line that was given up at this gateway.
pub(crate) fn left(view: &RoomView, token: &QueueToken) -> Place {
    Place { standing: Standing::Expired, ..blank(view, token) }
}

/// When the holder of a session is to show up again: twice between two renewals, so that one poll may be lost.
pub(crate) fn active_poll_ms(room: &KnownRoom, jitter: f64) -> u64 {
    let renew_after_ms = u64::try_from(room.renew_after.as_millis()).unwrap_or(POLL_CEILING_MS);
    spread((renew_after_ms / 2).clamp(POLL_FLOOR_MS, POLL_CEILING_MS), jitter)
}

/// A session that is remembered.
pub(crate) fn active(room: &KnownRoom, token: &QueueToken, session: Session, jitter: f64) -> Place {
    Place {
        standing: Standing::Active,
        poll_after_ms: Some(active_poll_ms(room, jitter)),
        session: Some(session),
        ..blank(&room.view, token)
    }
}

fn blank(view: &RoomView, token: &QueueToken) -> Place {
    Place {
        room: view.room,
        epoch: view.epoch,
        number: token.number,
        mode: view.mode,
        standing: Standing::Waiting,
        remaining: 0,
        ready: false,
        wait: None,
        poll_after_ms: None,
        session: None,
    }
}

/// A sixth to either side.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an interval of at most 30,000 ms"
)]
fn spread(interval_ms: u64, jitter: f64) -> u64 {
    (interval_ms as f64 * (1.0 + jitter.clamp(-1.0, 1.0) / 6.0)) as u64
}
