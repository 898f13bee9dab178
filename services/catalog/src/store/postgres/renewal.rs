use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Whose turn it is to be replaced, of connections that have lasted their time.
///
/// A server's process keeps more and more for its connection, and a server that has moved is found by new connections only: so none is
/// kept for good. But those that were opened together, as all are when a load comes, would be closed together, and opened together by
/// callers who wait for it. So they take turns, and a while later they are of all ages.
#[derive(Debug)]
pub(super) struct Renewal {
    lifetime: Duration,
    /// As long as all of them last, divided among them.
    pause: Duration,
    last: Mutex<Option<Instant>>,
}

impl Renewal {
    /// Of so many connections, each of which lasts for this long at least and, where it is given back now and then, twice as long at most.
    pub(super) fn new(connections: u32, lifetime: Duration) -> Self {
        Self { lifetime, pause: lifetime / connections.max(1), last: Mutex::default() }
    }

    /// Whether it is the turn of a connection of this age; it then has to be closed.
    pub(super) fn is_turn_of(&self, age: Duration, now: Instant) -> bool {
        if age < self.lifetime {
            return false;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_turn = last.is_none_or(|last| now.saturating_duration_since(last) >= self.pause);
        if is_turn {
            *last = Some(now);
        }
        is_turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_were_opened_together_are_replaced_one_after_the_other() {
        let renewal = Renewal::new(3, Duration::from_secs(30));
        let opened = Instant::now();
        let mut replaced = Vec::new();
        for second in 0..=60 {
            let age = Duration::from_secs(second);
            // Each of them is given back every second.
            for _ in replaced.len()..3 {
                if renewal.is_turn_of(age, opened + age) {
                    replaced.push(second);
                }
            }
        }
        assert_eq!(replaced, [30, 40, 50]);
    }
}
