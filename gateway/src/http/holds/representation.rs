use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::timestamp::Timestamp,
    seats::Seen,
    selling::{HeldSeat, Hold, HoldAnswer, HoldState, Written},
};

/// Seats kept for one buyer until an instant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Hold)]
pub(crate) struct HoldBody {
    #[schema(example = "0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e")]
    hold_id: Uuid,
    #[schema(example = 7)]
    concert_id: u64,
    #[schema(example = 71)]
    schedule_id: u64,
    state: StateName,
    /// By number.
    seats: Vec<SeatBody>,
    /// What all of it costs, in minor units of the currency, as of the hold.
    #[schema(example = 8800)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    held_at: Timestamp,
    /// The first instant at which the seats are no longer kept, by `serverTime`.
    ends_at: Timestamp,
    /// No extension goes beyond this.
    latest_end_at: Timestamp,
    /// The clock that decides, as of this answer: what `endsAt` is to be compared with.
    server_time: Timestamp,
    /// Once it is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    sale_id: Option<Uuid>,
    /// What this request wrote: `GET …/seats?atLeast=` with it shows the seats after the write. Absent where nothing
    /// was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "AeX6…")]
    version: Option<String>,
}

/// A buyer's holds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Holds)]
pub(crate) struct HoldsBody {
    /// The soonest to end first.
    holds: Vec<HoldBody>,
}

/// How a hold stands: `PAYING` is `HELD` after check-out, `ENDED` is a hold whose end has passed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = HoldState)]
enum StateName {
    Held,
    Paying,
    Sold,
    Released,
    Ended,
}

/// A seat of a hold or of a sale.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HeldSeat)]
pub(crate) struct SeatBody {
    /// The seat's number in its schedule.
    #[schema(example = 118)]
    seat_id: u32,
    #[schema(example = 118)]
    seat_number: u32,
    /// In minor units of the currency, as of the hold.
    #[schema(example = 8800)]
    seat_price: i64,
    #[schema(example = "Stalls left")]
    section: String,
    #[schema(example = "C")]
    row: String,
    /// What is printed on the ticket.
    #[schema(example = "C 18")]
    label: String,
    #[schema(example = "A")]
    tier: String,
}

/// The text that a reader passes on to see what was written.
pub(crate) fn version_of(written: &Written) -> String {
    Seen::of_write(written)
}

impl From<HeldSeat> for SeatBody {
    fn from(seat: HeldSeat) -> Self {
        Self {
            seat_id: seat.number,
            seat_number: seat.number,
            seat_price: seat.price,
            section: seat.section,
            row: seat.row,
            label: seat.label,
            tier: seat.tier,
        }
    }
}

impl From<Hold> for HoldBody {
    fn from(hold: Hold) -> Self {
        Self {
            hold_id: hold.id,
            concert_id: hold.concert,
            schedule_id: hold.schedule,
            state: match hold.state {
                HoldState::Held => StateName::Held,
                HoldState::Paying => StateName::Paying,
                HoldState::Sold => StateName::Sold,
                HoldState::Released => StateName::Released,
                HoldState::Ended => StateName::Ended,
            },
            seats: hold.seats.into_iter().map(Into::into).collect(),
            amount: hold.amount,
            currency: hold.currency,
            held_at: Timestamp(hold.held_at_ms),
            ends_at: Timestamp(hold.ends_at_ms),
            latest_end_at: Timestamp(hold.latest_end_ms),
            server_time: Timestamp(hold.now_ms),
            sale_id: hold.sale,
            version: None,
        }
    }
}

impl From<HoldAnswer> for HoldBody {
    fn from(answer: HoldAnswer) -> Self {
        let version = answer.written.as_ref().map(version_of);
        Self { version, ..Self::from(answer.hold) }
    }
}

impl From<Vec<Hold>> for HoldsBody {
    fn from(holds: Vec<Hold>) -> Self {
        Self { holds: holds.into_iter().map(Into::into).collect() }
    }
}

impl IntoResponse for HoldBody {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], Json(self)).into_response()
    }
}

impl IntoResponse for HoldsBody {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], Json(self)).into_response()
    }
}
