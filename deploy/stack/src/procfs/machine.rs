use std::time::Duration;

use ::procfs::{CurrentSI as _, KernelStats};

use super::duration;

/// What the machine's processors did since it started, all of them added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Something ran, interrupts included.
    pub busy: Duration,
    /// Something would have run, and the machine below a virtual one did something else.
    pub stolen: Duration,
    /// All of it, idle or not: it grows by as many seconds a second as there are processors.
    pub total: Duration,
}

/// What the processors did; `None` where the system does not tell.
#[must_use]
pub fn machine() -> Option<Machine> {
    let all = KernelStats::current().ok()?.total;
    // Guests' time is in `user` and in `nice`.
    let interrupts = all.irq.unwrap_or_default() + all.softirq.unwrap_or_default();
    let busy = all.user + all.nice + all.system + interrupts;
    let stolen = all.steal.unwrap_or_default();
    let idle = all.idle + all.iowait.unwrap_or_default();
    Some(Machine { busy: duration(busy), stolen: duration(stolen), total: duration(busy + stolen + idle) })
}
