//! Whether seats, holds, sales and events are as they have to be.

mod look;

use std::time::Duration;

use sqlx::{Postgres, postgres::PgArguments, query::QueryAs};

use super::{connect::PostgresStore, statement::Statement};
use crate::{
    domain::{Finding, Invariant},
    store::StoreError,
};

/// What is looked at for an invariant. Each statement is one snapshot, and gives how many things it looked at, and what
/// is not so with the first hundred of them.
struct Check {
    invariant: Invariant,
    says: &'static str,
    statement: Statement,
    sql: &'static str,
    reads_events: bool,
}

macro_rules! of_events {
    ($file:literal) => {
        concat!(include_str!("check/schedules.sql"), include_str!("check/events.sql"), include_str!($file))
    };
}

const CHECKS: [Check; 4] = [
    Check {
        invariant: Invariant::I5,
        says: "a seat is one live hold's or one live sale's, and says so",
        statement: Statement { name: "check owners", table: "sale" },
        sql: concat!(include_str!("check/schedules.sql"), include_str!("check/owners.sql")),
        reads_events: false,
    },
    Check {
        invariant: Invariant::I5,
        says: "no seat was taken from who had it",
        statement: Statement { name: "check hands", table: "seat_event" },
        sql: of_events!("check/hands.sql"),
        reads_events: true,
    },
    Check {
        invariant: Invariant::I6,
        says: "no hold was honoured past its end, none ended before it",
        statement: Statement { name: "check ends", table: "seat_event" },
        sql: of_events!("check/ends.sql"),
        reads_events: true,
    },
    Check {
        invariant: Invariant::I7,
        says: "seats are what their events made them, and blocks count them",
        statement: Statement { name: "check figures", table: "seat_event" },
        sql: of_events!("check/figures.sql"),
        reads_events: true,
    },
];

/// How many things were looked at, and what of them is not so.
type Row = (i64, Vec<String>);

/// What is looked at.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Only schedules of which seats may be sold just now.
    on_sale: bool,
    /// Only what happened so long ago at most; everything where there is no bound.
    since: Option<Duration>,
}

impl PostgresStore {
    /// Looks at everything there is, events as far back as they are kept, and says what was looked at and what is not
    /// so. Not for the busiest minute of a night: it reads whole tables.
    ///
    /// # Errors
    /// The store is away, or takes longer than the bound on statements.
    pub async fn check(&self) -> Result<Vec<Finding>, StoreError> {
        let everything = Scope { on_sale: false, since: None };
        let mut findings = Vec::new();
        for check in CHECKS {
            let rows = self.select(check.statement, check.query(everything)).await?.rows;
            findings.push(check.finding(rows.into_iter().next().unwrap_or_default()));
        }
        Ok(findings)
    }
}

impl Check {
    fn query(&self, scope: Scope) -> QueryAs<'static, Postgres, Row, PgArguments> {
        // Planned for this scope: a plan for any would read everything.
        let query = sqlx::query_as(self.sql).persistent(false).bind(scope.on_sale);
        if self.reads_events { query.bind(scope.since.map(|since| since.as_secs_f64())) } else { query }
    }

    fn finding(&self, (checked, broken): Row) -> Finding {
        Finding { invariant: self.invariant, says: self.says, checked: checked.unsigned_abs(), broken }
    }
}
