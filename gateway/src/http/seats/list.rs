use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    failure::Failure,
    http::timestamp::Timestamp,
    seats::{Layout, Shown},
};
use onsale_seat_view::Shown as SeatShown;

/// A schedule's seats and their states at one instant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Seats)]
pub(crate) struct SeatsBody<'a> {
    /// How old the states were at most when this answer was made.
    #[schema(example = 40)]
    age_ms: u64,
    #[schema(example = 7)]
    concert_id: u64,
    #[schema(example = 71)]
    schedule_id: u64,
    /// When the schedule begins.
    concert_time: Timestamp,
    /// How many seats the hall has, whatever their state.
    #[schema(example = 1000)]
    total_seats: u32,
    /// Opaque; equal versions mean equal states, prices and times.
    #[schema(example = "AQdHwKyS…")]
    version: &'a str,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: &'a str,
    /// Whether these are all that were asked for. Where not, they are those that changed since `since`, in whatever
    /// state they are now.
    complete: bool,
    /// By number.
    #[schema(value_type = Vec<SeatBody>)]
    seats: Rows<'a>,
}

/// One numbered place.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Seat)]
pub(crate) struct SeatBody<'a> {
    /// The seat's number in its schedule.
    #[schema(example = 118)]
    seat_id: u32,
    /// The same.
    #[schema(example = 118)]
    seat_number: u32,
    status: SeatStatusName,
    /// In minor units of the currency.
    #[schema(example = 8800)]
    seat_price: i64,
    #[schema(example = "Stalls left")]
    section: &'a str,
    #[schema(example = "C")]
    row: &'a str,
    /// What is printed on the ticket.
    #[schema(example = "C 18")]
    label: &'a str,
    #[schema(example = "A")]
    tier: &'a str,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = SeatStatus)]
enum SeatStatusName {
    Available,
    Held,
    Sold,
    Blocked,
}

/// Seats that are written without being gathered first.
pub(crate) struct Rows<'a> {
    shown: &'a Shown,
    layout: &'a Layout,
    which: Which<'a>,
    section: Option<&'a str>,
}

#[derive(Clone, Copy)]
enum Which<'a> {
    All,
    Available,
    /// Those of these numbers.
    Of(&'a [u32]),
}

impl<'a> SeatsBody<'a> {
    /// All seats that are asked for, with an age that is to be replaced.
    ///
    /// # Errors
    /// A tier has no price.
    pub(super) fn whole(
        shown: &'a Shown,
        layout: &'a Layout,
        available_only: bool,
        section: Option<&'a str>,
    ) -> Result<Self, Failure> {
        let which = if available_only { Which::Available } else { Which::All };
        Self::new(shown, 0, true, Rows { shown, layout, which, section })
    }

    /// Seats that have changed.
    ///
    /// # Errors
    /// A tier has no price.
    pub(super) fn changes(
        shown: &'a Shown,
        layout: &'a Layout,
        age_ms: u64,
        seats: &'a [u32],
        section: Option<&'a str>,
    ) -> Result<Self, Failure> {
        Self::new(shown, age_ms, false, Rows { shown, layout, which: Which::Of(seats), section })
    }

    fn new(shown: &'a Shown, age_ms: u64, complete: bool, seats: Rows<'a>) -> Result<Self, Failure> {
        let facts = &shown.facts;
        let priced = |tier: &str| facts.prices.contains_key(tier);
        if !seats.layout.tiers.iter().all(|tier| priced(tier)) {
            return Err(super::broken("a tier without a price"));
        }
        Ok(Self {
            age_ms,
            concert_id: facts.concert,
            schedule_id: facts.schedule,
            concert_time: Timestamp(facts.starts_at_ms),
            total_seats: shown.seats.count(),
            version: &shown.version,
            currency: &facts.currency,
            complete,
            seats,
        })
    }
}

impl<'a> Rows<'a> {
    fn row(&self, seat_no: u32, state: SeatShown) -> Option<SeatBody<'a>> {
        let place = self.layout.seats.get(usize::try_from(seat_no.checked_sub(1)?).ok()?)?;
        if self.section.is_some_and(|section| *section != *place.section) {
            return None;
        }
        Some(SeatBody {
            seat_id: seat_no,
            seat_number: seat_no,
            status: state.into(),
            seat_price: self.shown.facts.prices.get(&*place.tier).copied()?,
            section: &place.section,
            row: &place.row,
            label: &place.label,
            tier: &place.tier,
        })
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = || (1..).zip(self.shown.states());
        match self.which {
            Which::All => serializer.collect_seq(all().filter_map(|(seat, state)| self.row(seat, state))),
            Which::Available => {
                let available = all().filter(|(_, state)| *state == SeatShown::Available);
                serializer.collect_seq(available.filter_map(|(seat, state)| self.row(seat, state)))
            }
            Which::Of(seats) => {
                let states = seats.iter().filter_map(|seat| Some((*seat, self.shown.state(*seat)?)));
                serializer.collect_seq(states.filter_map(|(seat, state)| self.row(seat, state)))
            }
        }
    }
}

impl From<SeatShown> for SeatStatusName {
    fn from(state: SeatShown) -> Self {
        match state {
            SeatShown::Available => Self::Available,
            SeatShown::Held => Self::Held,
            SeatShown::Sold => Self::Sold,
            SeatShown::Blocked => Self::Blocked,
        }
    }
}
