//! Whether seats, holds, sales and events are as they have to be.

use super::{connect::PostgresStore, statement::Statement};
use crate::{domain::Finding, store::StoreError};

/// What is looked at for each invariant. Each statement is one snapshot, and gives how many things it looked at, and
/// what is not so with the first hundred of them.
const CHECKS: [(&str, &str, &str); 4] = [
    ("I5", "a seat is one live hold's or one live sale's, and says so", include_str!("check/owners.sql")),
    ("I5", "no seat was taken from who had it", include_str!("check/hands.sql")),
    ("I6", "no hold was honoured past its end, none ended before it", include_str!("check/ends.sql")),
    ("I7", "seats are what their events made them, and blocks count them", include_str!("check/figures.sql")),
];

impl PostgresStore {
    /// Looks at everything there is, events as far back as they are kept, and says what was looked at and what is not
    /// so. Not for the busiest minute of a night: it reads whole tables.
    ///
    /// # Errors
    /// The store is away, or takes longer than the bound on statements.
    pub async fn check(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        for (invariant, says, sql) in CHECKS {
            let statement = Statement { name: "check", table: "seat_event" };
            let rows = self.select::<(i64, Vec<String>)>(statement, sqlx::query_as(sql)).await?.rows;
            let (checked, broken) = rows.into_iter().next().unwrap_or_default();
            findings.push(Finding { invariant, says, checked: checked.unsigned_abs(), broken });
        }
        Ok(findings)
    }
}
