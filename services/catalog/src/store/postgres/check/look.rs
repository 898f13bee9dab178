//! A look now and then, by one copy for all, that costs little.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{CHECKS, Scope};
use crate::{
    domain::{Finding, Invariant},
    store::{
        InvariantStore, Looked, StoreError,
        postgres::{
            connect::PostgresStore,
            failure::{away, classify},
            statement::Statement,
        },
    },
};

/// How long each statement of a look may take. Whoever sells comes first: what takes longer is cut off, and said to have
/// failed.
const STATEMENT: Duration = Duration::from_secs(5);

/// How long a look may take altogether, the connection included.
const LOOK: Duration = Duration::from_secs(20);

/// Looks at what happened within so many periods: the last two looks overlap by one.
const PERIODS: u32 = 2;

/// Of one session, and given back when it ends, however it does. Any number that nobody else takes.
const OURS: &str = "SELECT pg_try_advisory_lock(28548142216504426)";

/// Parameter: the period in seconds.
const LAST: &str = "SELECT looked_at > clock_timestamp() - $1 * interval '1 s', broken::text FROM last_look";

const KEEP: &str = "
INSERT INTO last_look (looked_at, broken) VALUES (clock_timestamp(), $1::text::jsonb)
ON CONFLICT (only_row) DO UPDATE SET looked_at = excluded.looked_at, broken = excluded.broken";

/// A look took longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("no end of a look within {LOOK:?}")]
struct TooLong;

/// What was kept of a look cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("what was kept of the last look cannot be read")]
struct Unreadable(#[from] serde_json::Error);

#[async_trait]
impl InvariantStore for PostgresStore {
    async fn look(&self, period: Duration) -> Result<Looked, StoreError> {
        let bounded = tokio::time::timeout(LOOK, self.look_once(period)).await;
        bounded.unwrap_or_else(|_| Err(away(TooLong)))
    }
}

impl PostgresStore {
    async fn look_once(&self, period: Duration) -> Result<Looked, StoreError> {
        let mut connection = self.connect_to_look().await.map_err(classify)?;
        let looked = self.look_or_learn(&mut connection, period).await?;
        // The server notices without a goodbye too.
        let _ = connection.close().await;
        Ok(looked)
    }

    /// One connection beside the pool, so that nobody who sells waits for it, and one core of the server at most.
    async fn connect_to_look(&self) -> sqlx::Result<PgConnection> {
        let bounds = [
            ("statement_timeout", format!("{}ms", STATEMENT.as_millis())),
            ("max_parallel_workers_per_gather", "0".to_owned()),
        ];
        self.options.clone().options(bounds).connect().await
    }

    async fn look_or_learn(
        &self,
        connection: &mut PgConnection,
        period: Duration,
    ) -> Result<Looked, StoreError> {
        let statement = Statement { name: "take a look", table: "last_look" };
        let ours: bool = self.run_on(statement, sqlx::query_scalar(OURS).fetch_one(&mut *connection)).await?;
        let statement = Statement { name: "read last look", table: "last_look" };
        let last = sqlx::query_as::<_, (bool, String)>(LAST).bind(period.as_secs_f64());
        let last = self.run_on(statement, last.fetch_optional(&mut *connection)).await?;
        let (is_of_late, text) = last.unwrap_or_else(|| (false, "{}".to_owned()));
        if ours && !is_of_late {
            return self.look_and_keep(connection, period).await;
        }
        Ok(Looked { broken: read(&text)?, findings: None })
    }

    async fn look_and_keep(
        &self,
        connection: &mut PgConnection,
        period: Duration,
    ) -> Result<Looked, StoreError> {
        let scope = Scope { on_sale: true, since: Some(period * PERIODS) };
        let began_at = Instant::now();
        let mut findings = Vec::new();
        for check in CHECKS {
            let row = check.query(scope).fetch_one(&mut *connection);
            findings.push(check.finding(self.run_on(check.statement, row).await?));
        }
        tracing::debug!(took = ?began_at.elapsed(), "looked whether what has to hold does");
        let broken = counted(&findings);
        let keep = sqlx::query(KEEP).bind(written(&broken)?);
        let statement = Statement { name: "keep last look", table: "last_look" };
        self.run_on(statement, keep.execute(&mut *connection)).await?;
        Ok(Looked { broken, findings: Some(findings) })
    }
}

/// How many things are not so, of each invariant.
fn counted(findings: &[Finding]) -> BTreeMap<Invariant, u32> {
    let mut broken = BTreeMap::new();
    for finding in findings {
        *broken.entry(finding.invariant).or_default() +=
            u32::try_from(finding.broken.len()).unwrap_or(u32::MAX);
    }
    broken
}

fn written(broken: &BTreeMap<Invariant, u32>) -> Result<String, StoreError> {
    serde_json::to_string(broken).map_err(|error| StoreError::Broken(Unreadable(error).into()))
}

fn read(text: &str) -> Result<BTreeMap<Invariant, u32>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Broken(Unreadable(error).into()))
}
