//! The demo: what `onsale-catalog seed-demo` loads, so that a visit can be walked through.
//!
//! 24 concerts, 600 schedules over two years, halls of 50, 1,000 and 15,000 seats, some of them
//! sold, held or blocked. Always the same, but for the day that the dates are counted from. What
//! documents may rely on: concert 1 has schedule 1 in the hall of 50 seats, three days from that
//! day at 19:00 UTC, schedule 2 in that of 1,000 and schedule 3 in that of 15,000, all on sale.

mod concerts;
mod halls;
mod noise;
mod schedules;
mod seats;

use time::{Date, OffsetDateTime};

pub use concerts::DemoConcert;
pub use halls::{DemoHall, DemoSeat};
pub use schedules::DemoSchedule;
pub use seats::DemoState;

/// All that the demo consists of, but for the states of its seats: see [`DemoPlan::states`].
#[derive(Debug, Clone)]
pub struct DemoPlan {
    /// The day that dates are counted from.
    pub day: Date,
    /// The concerts; their ids are their places, from 1.
    pub concerts: Vec<DemoConcert>,
    /// The halls; the ids of their layouts are their places, from 1.
    pub halls: Vec<DemoHall>,
    /// The schedules; their ids are their places, from 1.
    pub schedules: Vec<DemoSchedule>,
}

impl DemoPlan {
    /// The demo as of a day.
    #[must_use]
    pub fn of(day: Date) -> Self {
        let concerts = concerts::all();
        let schedules = schedules::all(midnight(day), concerts.len());
        Self { day, concerts, halls: halls::all(), schedules }
    }

    /// How the seats of a schedule stand, by number.
    #[must_use]
    pub fn states(&self, schedule: &DemoSchedule) -> Vec<DemoState> {
        self.halls
            .get(schedule.hall)
            .map(|hall| seats::states(hall, schedule, midnight(self.day)))
            .unwrap_or_default()
    }
}

fn midnight(day: Date) -> OffsetDateTime {
    day.midnight().assume_utc()
}

#[cfg(test)]
mod tests;
