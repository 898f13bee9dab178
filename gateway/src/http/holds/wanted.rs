use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    http::{
        problem::{Problem, ProblemType},
        queue_token::{NamedUser, user_schema},
    },
    selling::{Wanted, WantedSeats},
};

/// How many seats one hold may have.
const MOST_SEATS: usize = 100;

/// Which seats to hold: `seatIds` or `bestAvailable`, one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = HoldRequest)]
pub(crate) struct WantedBody {
    /// These, all or none: 1 to 100, each once.
    #[serde(default)]
    #[schema(example = json!([118, 119]), min_items = 1, max_items = 100)]
    seat_ids: Option<Vec<u32>>,
    /// So many that go together.
    #[serde(default)]
    best_available: Option<BestAvailableBody>,
    /// Who buys, where the room is off and no token is shown: as for joining.
    #[serde(default)]
    #[schema(schema_with = user_schema)]
    user_id: Option<NamedUser>,
}

/// Seats that go together: in one row where possible, near the stage and the middle, leaving no single seat behind
/// where that can be avoided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = BestAvailable)]
struct BestAvailableBody {
    /// How many, 1 to 100.
    #[schema(example = 2, minimum = 1, maximum = 100)]
    count: u32,
    /// Only of this tier.
    #[serde(default)]
    #[schema(example = "A")]
    tier: Option<String>,
    /// Only in this section.
    #[serde(default)]
    section: Option<String>,
    /// Accessible seats only; without it none of them.
    #[serde(default)]
    accessible: bool,
}

impl WantedBody {
    /// What is wanted of a concert's schedule, and who wants it as far as the body says.
    pub(super) fn read(self, concert: u64, schedule: u64) -> Result<(Wanted, Option<NamedUser>), Problem> {
        let seats = match (self.seat_ids, self.best_available) {
            (Some(seats), None) => named(seats)?,
            (None, Some(best)) => best.read()?,
            (Some(_), Some(_)) => return Err(Problem::value("bestAvailable", "not beside `seatIds`")),
            (None, None) => {
                return Err(Problem::new(ProblemType::InvalidValue)
                    .with_field("seatIds", "is needed, or `bestAvailable`"));
            }
        };
        Ok((Wanted { concert, schedule, seats }, self.user_id))
    }
}

fn named(seats: Vec<u32>) -> Result<WantedSeats, Problem> {
    let wrong = |detail: String| Err(Problem::value("seatIds", detail));
    if !(1..=MOST_SEATS).contains(&seats.len()) {
        return wrong(format!("1 to {MOST_SEATS} seats"));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = seats.iter().find(|seat| !seen.insert(**seat)) {
        return wrong(format!("seat {twice} is named more than once"));
    }
    if seen.contains(&0) {
        return wrong("seats are numbered from 1".to_owned());
    }
    Ok(WantedSeats::Named(seats))
}

impl BestAvailableBody {
    fn read(self) -> Result<WantedSeats, Problem> {
        let count = self.count;
        let fits = usize::try_from(count).is_ok_and(|count| (1..=MOST_SEATS).contains(&count));
        if !fits {
            return Err(Problem::value("bestAvailable.count", format!("1 to {MOST_SEATS}")));
        }
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (tier, section) = (given(self.tier), given(self.section));
        Ok(WantedSeats::BestAvailable { count, tier, section, accessible: self.accessible })
    }
}
