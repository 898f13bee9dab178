use std::{
    str::FromStr as _,
    time::{Duration, Instant},
};

use onsale_telemetry::Instruments;
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::renewal::Renewal;
use crate::metrics::{Connections, DatabaseMetrics};

/// A connection that has rested this long is asked whether it still works before it is used: the
/// server may have been restarted meanwhile. Asking before each use would double the round trips.
const RESTED: Duration = Duration::from_secs(1);

/// How long a connection is used at least, before another takes its place.
const LIFETIME: Duration = Duration::from_mins(30);

/// How long a write waits for each lock. Nobody holds one for longer than a statement and its commit take, so who waits
/// this long stands in a long line, and not behind somebody who has gone away.
const LOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// What each session tells the planner.
///
/// Every statement walks an index, and most in its order. The planner takes the instants that they
/// compare with for more selective than they are, and would rather gather the rows by a bitmap and
/// sort them: all of a concert's dates for one page. A table that is empty it would rather read as a
/// whole, and keeps to that for as long as the session lives and nobody analyzes the table: an
/// on-sale begins with no holds and no sales, and minutes later each call would read all of them. And
/// no statement here runs long enough to be worth compiling.
///
/// So the plan is the same whatever the parameters are, and is made once: left to itself the planner
/// thinks that two seats are worth a plan of their own, and plans each statement of a sale anew, which
/// takes it longer than the statement takes.
pub const PLANNER: [(&str, &str); 4] = [
    ("enable_bitmapscan", "off"),
    ("enable_seqscan", "off"),
    ("jit", "off"),
    ("plan_cache_mode", "force_generic_plan"),
];

/// The catalog's store on Postgres. Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pub(super) pool: PgPool,
    pub(super) options: PgConnectOptions,
    /// How long a statement may take, the wait for its connection included.
    pub(super) bound: Duration,
    pub(super) metrics: DatabaseMetrics,
}

/// How to reach Postgres.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    options: PgConnectOptions,
    /// At most so many connections.
    pub connections: u32,
    /// How long a statement may take, the wait for its connection included.
    pub bound: Duration,
    lifetime: Duration,
    lock_timeout: Duration,
}

impl ConnectOptions {
    /// Reads an address such as `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// The driver's reason, which does not repeat the address.
    pub fn parse(address: &str, connections: u32, bound: Duration) -> Result<Self, String> {
        let options = PgConnectOptions::from_str(address)
            .map_err(|error| error.to_string())?
            .application_name("onsale-catalog")
            // The server's notices, such as that a table is there already, say nothing new.
            .options([("client_min_messages", "warning")])
            // Statements have spans. And to decide about a log line the driver asks whether it
            // would be seen, which makes a subscriber with a filter a layer lose the next event.
            .disable_statement_logging();
        Ok(Self { options, connections, bound, lifetime: LIFETIME, lock_timeout: LOCK_TIMEOUT })
    }

    /// With connections that are used for at least this long, and for about twice as long at most.
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// With another bound on how long a write waits for each lock.
    #[must_use]
    pub fn lock_timeout(self, lock_timeout: Duration) -> Self {
        Self { lock_timeout, ..self }
    }
}

impl PostgresStore {
    /// A store that connects when it is first asked. Needs a tokio runtime.
    #[must_use]
    pub fn new(connect: &ConnectOptions) -> Self {
        let session = [
            ("statement_timeout", format!("{}ms", connect.bound.as_millis())),
            ("idle_in_transaction_session_timeout", format!("{}ms", connect.bound.as_millis())),
            // A setting of ours, which the functions of selling turn into theirs.
            ("onsale.lock_timeout", format!("{}ms", connect.lock_timeout.as_millis())),
        ];
        let renewal = Renewal::new(connect.connections, connect.lifetime);
        let pool = PgPoolOptions::new()
            .max_connections(connect.connections)
            .acquire_timeout(connect.bound)
            .test_before_acquire(false)
            .max_lifetime(None)
            .after_release(move |_, about| {
                let is_kept = !renewal.is_turn_of(about.age, Instant::now());
                Box::pin(async move { Ok(is_kept) })
            })
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for >= RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(connect.options.clone().options(session).options(PLANNER));
        let metrics = DatabaseMetrics::new(&Instruments::unread());
        Self { pool, options: connect.options.clone(), bound: connect.bound, metrics }
    }

    /// The same, measured by these instruments.
    #[must_use]
    pub fn measured(self, instruments: &Instruments) -> Self {
        let (pool, most) = (self.pool.clone(), self.pool.options().get_max_connections());
        DatabaseMetrics::watch_connections(instruments, most, move || {
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            Connections { idle, used: pool.size().saturating_sub(idle) }
        });
        Self { metrics: DatabaseMetrics::new(instruments), ..self }
    }

    /// Closes the connections, after what is in flight. What is not over by the bound is cut off.
    pub async fn close(&self) {
        if tokio::time::timeout(self.bound, self.pool.close()).await.is_err() {
            tracing::debug!("connections were left behind");
        }
    }

    /// A connection of its own, without the bound on statements: for work that is not a request.
    pub(super) async fn dedicated(&self) -> sqlx::Result<sqlx::PgConnection> {
        tokio::time::timeout(self.bound, self.options.connect())
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
}
