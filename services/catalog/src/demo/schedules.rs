use time::{Duration, OffsetDateTime};

use super::noise;

/// How many schedules each concert has.
const OF_EACH: u8 = 25;

/// A schedule of the demo.
#[derive(Debug, Clone)]
pub struct DemoSchedule {
    /// Its id.
    pub id: u32,
    /// Its concert's id.
    pub concert: u32,
    /// Its hall's place among the halls, from 0.
    pub hall: usize,
    /// When it begins.
    pub starts_at: OffsetDateTime,
    /// When booking opens.
    pub sale_opens_at: OffsetDateTime,
    /// When booking ends.
    pub sale_closes_at: OffsetDateTime,
    /// What the dearest tier costs, in cents; each further one costs a fifth less of it.
    pub price: i64,
    /// How many of a thousand seats are sold; 1000 for sold out.
    pub demand: u64,
}

/// The schedules, in the order of their ids.
pub(super) fn all(midnight: OffsetDateTime, concerts: usize) -> Vec<DemoSchedule> {
    let concerts = 1..=u32::try_from(concerts).unwrap_or(0);
    concerts.flat_map(|concert| (0..OF_EACH).map(move |nth| schedule(midnight, concert, nth))).collect()
}

fn schedule(midnight: OffsetDateTime, concert: u32, nth: u8) -> DemoSchedule {
    let noise = |below, salt| noise::below(below, [u64::from(concert), u64::from(nth), salt]);
    let day = day(concert, nth);
    let half_hours = if concert == 1 { 0 } else { noise(4, 1) };
    let starts_at = midnight
        + Duration::days(day)
        + Duration::hours(19)
        + Duration::minutes(30 * i64::try_from(half_hours).unwrap_or(0));
    let sold_out = concert != 1 && noise(20, 2) == 0;
    let demand = (850 - day.clamp(0, 750)) / 2 + i64::try_from(noise(400, 3)).unwrap_or(0);
    let opens_late = concert != 1 && noise(8, 4) == 0;
    DemoSchedule {
        id: (concert - 1) * u32::from(OF_EACH) + u32::from(nth) + 1,
        concert,
        hall: hall(nth),
        starts_at,
        sale_opens_at: if opens_late {
            starts_at - Duration::days(14)
        } else {
            midnight - Duration::days(60)
        },
        sale_closes_at: starts_at - Duration::minutes(30),
        price: 2_500 + 500 * i64::try_from(noise(20, 5)).unwrap_or(0),
        demand: if sold_out { 1000 } else { u64::try_from(demand).unwrap_or(0) },
    }
}

/// Counted from the demo's day. Every concert but the first has played once already; all together
/// they go on for two years.
fn day(concert: u32, nth: u8) -> i64 {
    let concert = i64::from(concert);
    if concert > 1 && nth == 0 { -concert } else { 3 + 29 * i64::from(nth) + (concert - 1) * 7 % 29 }
}

/// One night in the arena, and otherwise the club and the theatre by turns.
fn hall(nth: u8) -> usize {
    match nth {
        2 => 2,
        nth if nth % 2 == 0 => 0,
        _ => 1,
    }
}
