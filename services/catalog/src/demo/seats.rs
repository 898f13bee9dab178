use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{DemoHall, DemoSchedule, DemoSeat, noise};

/// The first of the ids of the demo's holds: no hold made by the program has such a one.
const FIRST_HOLD: u128 = 0x0000_0000_0000_4000_8000_0000_0000_0000;

/// Who comes together, as often as it stands here.
const PARTIES: [u64; 8] = [1, 2, 2, 2, 2, 3, 4, 4];

/// How a seat of the demo stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoState {
    /// Nobody has it.
    Free,
    /// Held until an instant, which may have passed.
    Held {
        /// The hold.
        hold: Uuid,
        /// Its end.
        until: OffsetDateTime,
    },
    /// Sold through a hold.
    Sold {
        /// The hold.
        hold: Uuid,
    },
    /// Kept back by the house.
    Blocked,
}

/// How the seats of a hall stand: taken by parties who sit together, the front rows first.
pub(super) fn states(hall: &DemoHall, schedule: &DemoSchedule, midnight: OffsetDateTime) -> Vec<DemoState> {
    let mut states: Vec<DemoState> = Vec::with_capacity(hall.seats.len());
    let mut rest = hall.seats.as_slice();
    while let Some(first) = rest.first() {
        let seed = [u64::from(schedule.id), states.len() as u64];
        let wanted = PARTIES[usize::try_from(noise::below(8, [seed[0], seed[1], 1])).unwrap_or(0)];
        let party = together(rest, usize::try_from(wanted).unwrap_or(1));
        let state = state(first, schedule, midnight, seed);
        states.extend(std::iter::repeat_n(state, party));
        rest = rest.get(party..).unwrap_or_default();
    }
    states
}

/// How many of the first `wanted` seats are of one row.
fn together(seats: &[DemoSeat], wanted: usize) -> usize {
    let place = |seat: &DemoSeat| (seat.section, seat.rank);
    let row = seats.first().map(place);
    seats.iter().take(wanted).take_while(|seat| Some(place(seat)) == row).count().max(1)
}

fn state(
    seat: &DemoSeat,
    schedule: &DemoSchedule,
    midnight: OffsetDateTime,
    [id, index]: [u64; 2],
) -> DemoState {
    let hold = Uuid::from_u128(FIRST_HOLD | u128::from(id) << 24 | u128::from(index));
    if schedule.demand >= 1000 {
        return DemoState::Sold { hold };
    }
    // From a fifth above the demand in the first row to far below it in the last.
    let sold = schedule.demand * 120_u64.saturating_sub(2 * u64::from(seat.rank)) / 100;
    match noise::below(1000, [id, index, 2]) {
        fate if fate < sold.min(900) => DemoState::Sold { hold },
        900..930 => DemoState::Held { hold, until: schedule.starts_at },
        // In the smallest hall only: where holds have ended seats are read to be counted.
        930..950 if schedule.hall == 0 => DemoState::Held { hold, until: midnight - Duration::hours(1) },
        980..990 => DemoState::Blocked,
        _ => DemoState::Free,
    }
}
