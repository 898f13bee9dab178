use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use onsale_process::{ProcessConfig, values::milliseconds};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    domain::HoldTimes, retention::Retention, seat_view::SeatViewBounds, store::postgres::ConnectOptions,
};

/// The seat catalog: concerts, schedules and seats, from Postgres, over gRPC.
#[derive(Parser, Clone, Debug)]
#[command(name = "onsale-catalog", version)]
pub struct Config {
    /// What to do; to serve unless told otherwise
    #[command(subcommand)]
    pub task: Option<Task>,

    /// Where to serve gRPC
    #[arg(long, env = "ONSALE_LISTEN", default_value = "127.0.0.1:50052")]
    pub listen: SocketAddr,

    /// Where the catalog is kept.
    #[command(flatten)]
    pub database: DatabaseConfig,

    /// How seats are sold.
    #[command(flatten)]
    pub selling: SellingConfig,

    /// What is kept only for a time.
    #[command(flatten)]
    pub retention: RetentionConfig,

    /// Whether to bring the schema up to date before serving
    #[arg(long, env = "ONSALE_MIGRATE", default_value_t = true, action = clap::ArgAction::Set)]
    pub migrate: bool,

    /// How many calls may be in flight; more are refused at once
    #[arg(long, env = "ONSALE_CALLS_AT_ONCE", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    pub calls_at_once: u32,

    /// How long a call may take at most, in milliseconds, whatever its caller allows
    #[arg(long = "call-timeout-ms", env = "ONSALE_CALL_TIMEOUT_MS", default_value = "3000", value_parser = milliseconds)]
    pub call_timeout: Duration,

    /// Views of seats.
    #[command(flatten)]
    pub seat_view: SeatViewConfig,

    /// What every program has.
    #[command(flatten)]
    pub process: ProcessConfig,
}

/// What the program is started for.
#[derive(Subcommand, Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Serve the catalog over gRPC until told to stop
    Serve,
    /// Bring the schema up to date, and end
    Migrate,
    /// Look whether seats, holds, sales and events are as they have to be, print what was found, one JSON object a
    /// line, and end; with failure where something is broken. Reads whole tables
    Check,
    /// Bring the schema up to date, load the demo's concerts, and end. Their dates are counted
    /// from the present day: run again on a later day it moves them, and leaves the seats alone
    SeedDemo,
    /// Bring the schema up to date, take over halls, concerts and schedules from a file, and end.
    /// All of it or nothing, and what is there already only where it differs
    Import {
        /// The file: docs/the-houses-data.md explains it
        file: PathBuf,
        /// Only tell what would be taken over
        #[arg(long)]
        dry_run: bool,
    },
    /// Print what happened to the seats of a schedule, one JSON object a line, and end
    Events {
        /// The schedule's id
        #[arg(long)]
        schedule: u64,
    },
}

/// How to reach Postgres.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseConfig {
    /// The primary, such as `postgres://user:password@host:5432/database`
    #[arg(long = "database-url", env = "ONSALE_DATABASE_URL", hide_env_values = true)]
    pub url: SecretString,

    /// At most so many connections
    #[arg(long = "database-connections", env = "ONSALE_DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub connections: u32,

    /// How long a statement may take at most, in milliseconds, the wait for its connection included
    #[arg(long = "database-timeout-ms", env = "ONSALE_DATABASE_TIMEOUT_MS", default_value = "1500", value_parser = milliseconds)]
    pub timeout: Duration,
}

/// How long things last, counted by the database's clock.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Selling")]
pub struct SellingConfig {
    /// How long seats are held for a buyer, in seconds, 1 to a day
    #[arg(long, env = "ONSALE_HOLD_SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub hold_seconds: u32,

    /// How far from the moment of asking an extension moves the end of a hold, in seconds, 1 to a day
    #[arg(long, env = "ONSALE_EXTENSION_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub extension_seconds: u32,

    /// How long a hold lasts at most with its extensions, in seconds, at least the hold's own and at most a day
    #[arg(long, env = "ONSALE_HOLD_CAP_SECONDS", default_value_t = 1800, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub hold_cap_seconds: u32,

    /// How long a payment may take, in seconds, 1 to a day: the end of a hold moves there when payment begins, also
    /// past the cap
    #[arg(long, env = "ONSALE_PAYMENT_SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub payment_seconds: u32,

    /// How long a write waits at most for each seat, or block of seats, that others are writing, in milliseconds; then
    /// its caller is told to try again. All connections of all copies may stand in line for one block, and each holds
    /// it for a write to the disk
    #[arg(long = "lock-timeout-ms", env = "ONSALE_LOCK_TIMEOUT_MS", default_value = "500", value_parser = milliseconds)]
    pub lock_timeout: Duration,
}

/// What is kept only for a time, and what is done to the database beside what callers ask for.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Upkeep")]
pub struct RetentionConfig {
    /// Whether this copy notes each second which holds have ended, and each minute forgets what is old. Copies share
    /// the work; no hold lasts longer where none does it
    #[arg(long, env = "ONSALE_UPKEEP", default_value_t = true, action = clap::ArgAction::Set)]
    pub upkeep: bool,

    /// How often one copy for all looks whether what must hold of seats, holds and sales does, in seconds; 0 for never.
    /// It looks at the schedules that are on sale and at what happened of late, for some seconds at most
    #[arg(long, env = "ONSALE_CHECK_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub check_seconds: u32,

    /// How long events of seats are kept, in days, 1 to 3,650
    #[arg(long, env = "ONSALE_EVENT_RETENTION_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub event_retention_days: u32,

    /// How long holds are kept that have ended or were released, in days, 1 to 3,650
    #[arg(long, env = "ONSALE_HOLD_RETENTION_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub hold_retention_days: u32,

    /// How long answers to idempotency keys are kept, in hours, 24 to 8,760; a key is good for 24
    #[arg(long, env = "ONSALE_ANSWER_RETENTION_HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(24..=8_760))]
    pub answer_retention_hours: u32,
}

impl RetentionConfig {
    /// How long things are kept.
    #[must_use]
    pub fn times(&self) -> Retention {
        Retention {
            events: days(self.event_retention_days),
            holds: days(self.hold_retention_days),
            answers: Duration::from_hours(self.answer_retention_hours.into()),
        }
    }

    /// How often to look whether what must hold does; zero for never.
    #[must_use]
    pub fn check_period(&self) -> Duration {
        Duration::from_secs(self.check_seconds.into())
    }
}

fn days(days: u32) -> Duration {
    Duration::from_hours(24 * u64::from(days))
}

impl SellingConfig {
    /// How long things last.
    ///
    /// # Errors
    /// The cap is shorter than a hold.
    pub fn times(&self) -> Result<HoldTimes, String> {
        let [hold, extension, cap, payment] =
            [self.hold_seconds, self.extension_seconds, self.hold_cap_seconds, self.payment_seconds]
                .map(|seconds| time::Duration::seconds(seconds.into()));
        HoldTimes::new(hold, extension, cap, payment)
            .map_err(|invalid| format!("wrong value for ONSALE_HOLD_CAP_SECONDS: {}", invalid.problem))
    }
}

/// How views of seats are kept.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Seat views")]
pub struct SeatViewConfig {
    /// How old what is told of seats may be at most, in milliseconds; the gateways have the same
    #[arg(long = "seat-bound-ms", env = "ONSALE_SEAT_BOUND_MS", default_value = "250", value_parser = milliseconds)]
    pub age: Duration,

    /// How often to ask the database what has changed, in milliseconds
    #[arg(long = "seat-refresh-ms", env = "ONSALE_SEAT_REFRESH_MS", default_value = "50", value_parser = milliseconds)]
    pub every: Duration,

    /// How many schedules to keep views of at most; beyond it, what was asked for longest ago is dropped
    #[arg(long, env = "ONSALE_WATCHED_SCHEDULES", default_value_t = 4_096, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub watched_schedules: u32,

    /// How many seats to keep at most, of all of them together; 100,000 are about 3 MB
    #[arg(long, env = "ONSALE_WATCHED_SEATS", default_value_t = 10_000_000)]
    pub watched_seats: u64,
}

impl SeatViewConfig {
    /// The bounds of the views.
    #[must_use]
    pub fn bounds(&self) -> SeatViewBounds {
        SeatViewBounds {
            age: self.age,
            every: self.every,
            schedules: self.watched_schedules as usize,
            seats: self.watched_seats,
        }
    }
}

impl DatabaseConfig {
    /// The options of the store.
    ///
    /// # Errors
    /// The address is none; the text does not repeat it.
    pub fn connect_options(&self) -> Result<ConnectOptions, String> {
        ConnectOptions::parse(self.url.expose_secret(), self.connections, self.timeout)
            .map_err(|error| format!("wrong value for ONSALE_DATABASE_URL: {error}"))
    }
}

impl onsale_process::Config for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }

    fn check(&self) -> Result<(), String> {
        self.selling.times()?;
        if 2 * self.seat_view.every > self.seat_view.age {
            return Err(
                "wrong value for ONSALE_SEAT_REFRESH_MS: more than half of ONSALE_SEAT_BOUND_MS".to_owned()
            );
        }
        self.database.connect_options().map(|_| ())
    }
}
