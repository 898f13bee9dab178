use std::time::Duration;

use clap::Args;
use onsale_process::values::milliseconds;

/// How old seats may be that are shown, and what views of them may cost.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Seats")]
pub struct SeatsConfig {
    /// How old seats may be at most that are shown, in milliseconds; the catalog has the same
    #[arg(long = "seat-bound-ms", env = "ONSALE_SEAT_BOUND_MS", default_value = "250", value_parser = milliseconds)]
    pub seat_bound: Duration,

    /// How often to ask the catalog what has changed, in milliseconds
    #[arg(long = "seat-refresh-ms", env = "ONSALE_SEAT_REFRESH_MS", default_value = "50", value_parser = milliseconds)]
    pub seat_refresh: Duration,

    /// How old a list of schedules may be at most, in milliseconds
    #[arg(long = "schedule-bound-ms", env = "ONSALE_SCHEDULE_BOUND_MS", default_value = "1000", value_parser = milliseconds)]
    pub schedule_bound: Duration,

    /// How many schedules' seats to keep at most; beyond it, what was read longest ago is dropped
    #[arg(long, env = "ONSALE_WATCHED_SCHEDULES", default_value_t = 4_096, value_parser = clap::value_parser!(u32).range(1..=4_096))]
    pub watched_schedules: u32,

    /// How many seats to keep at most, of all schedules together; 100,000 are about 3 MB, besides what is encoded of them
    #[arg(long, env = "ONSALE_WATCHED_SEATS", default_value_t = 10_000_000)]
    pub watched_seats: u64,
}

impl SeatsConfig {
    /// What the single values do not say.
    pub(super) fn check(&self) -> Result<(), String> {
        if 2 * self.seat_refresh > self.seat_bound {
            let reason = "more than half of ONSALE_SEAT_BOUND_MS";
            return Err(format!("wrong value for ONSALE_SEAT_REFRESH_MS: {reason}"));
        }
        Ok(())
    }
}

impl Default for SeatsConfig {
    /// What the environment variables default to.
    fn default() -> Self {
        Self {
            seat_bound: Duration::from_millis(250),
            seat_refresh: Duration::from_millis(50),
            schedule_bound: Duration::from_secs(1),
            watched_schedules: 4_096,
            watched_seats: 10_000_000,
        }
    }
}
