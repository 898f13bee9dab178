use std::collections::BTreeMap;

use onsale_seat_view::Shown as SeatShown;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{http::timestamp::Timestamp, seats::Shown};

/// The states alone, for who has the chart of the hall.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeatStates)]
pub(crate) struct StatesBody<'a> {
    /// How old the states were at most when this answer was made.
    #[schema(example = 40)]
    age_ms: u64,
    #[schema(example = 7)]
    concert_id: u64,
    #[schema(example = 71)]
    schedule_id: u64,
    /// When the schedule begins.
    concert_time: Timestamp,
    #[schema(example = 12)]
    total_seats: u32,
    /// Opaque; equal versions mean equal states, prices and times.
    #[schema(example = "AQdHwKyS…")]
    version: &'a str,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: &'a str,
    /// Whether all states are told, or only what changed since `since`.
    complete: bool,
    /// The hall's chart is at `/api/layouts/{layoutId}`.
    #[schema(example = 5)]
    layout_id: u64,
    #[schema(example = 7)]
    available_seats: u32,
    /// What a seat of each tier costs, in minor units of the currency.
    prices: &'a BTreeMap<String, i64>,
    /// With `complete`: one character a seat, the first for seat 1. `A` available, `H` held, `S` sold, `B` kept back by
    /// the house.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "AAHHSSBAAAAA")]
    states: Option<String>,
    /// Without it: the seats that changed, and how they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<StateBody>>,
}

/// How a seat is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeatState)]
pub(crate) struct StateBody {
    #[schema(example = 118)]
    seat_id: u32,
    /// As in `states`.
    #[schema(example = "H")]
    state: char,
}

impl<'a> StatesBody<'a> {
    /// All states, with an age that is to be replaced.
    pub(super) fn whole(shown: &'a Shown) -> Self {
        let states = Some(shown.states().map(letter).collect());
        Self { states, complete: true, ..Self::changes(shown, 0, &[]) }.without_changes()
    }

    /// What has changed.
    pub(super) fn changes(shown: &'a Shown, age_ms: u64, seats: &[u32]) -> Self {
        let facts = &shown.facts;
        let change = |seat: &u32| Some(StateBody { seat_id: *seat, state: letter(shown.state(*seat)?) });
        Self {
            age_ms,
            concert_id: facts.concert,
            schedule_id: facts.schedule,
            concert_time: Timestamp(facts.starts_at_ms),
            total_seats: shown.seats.count(),
            version: &shown.version,
            currency: &facts.currency,
            complete: false,
            layout_id: facts.layout,
            available_seats: shown.figures.available,
            prices: &facts.prices,
            states: None,
            changes: Some(seats.iter().filter_map(change).collect()),
        }
    }

    fn without_changes(self) -> Self {
        Self { changes: None, ..self }
    }
}

const fn letter(state: SeatShown) -> char {
    match state {
        SeatShown::Available => 'A',
        SeatShown::Held => 'H',
        SeatShown::Sold => 'S',
        SeatShown::Blocked => 'B',
    }
}
