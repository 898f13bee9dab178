use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use tokio::sync::watch;

/// Whether a program can do its work, as the sum of named conditions. Clones share one state.
///
/// Conditions are latches: whoever watches a dependency sets its own, in the background. A probe only reads
/// them, so that a probe costs a dependency nothing and never waits for one.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// Why each condition is not met; `None` when it is.
    conditions: Arc<watch::Sender<BTreeMap<&'static str, Option<String>>>>,
}

/// One condition of a [`Readiness`], in the hands of who knows whether it is met.
#[derive(Clone, Debug)]
pub struct Condition {
    name: &'static str,
    readiness: Readiness,
}

/// A condition that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The condition's name.
    pub condition: &'static str,
    /// Why it is not met.
    pub reason: String,
}

impl Readiness {
    /// A readiness without any condition, which is met.
    #[must_use]
    pub fn new() -> Self {
        Self { conditions: Arc::new(watch::Sender::new(BTreeMap::new())) }
    }

    /// Adds a condition, not met until it is said to be. Asking again by the same name gives the same condition.
    #[must_use]
    pub fn condition(&self, name: &'static str) -> Condition {
        self.conditions.send_if_modified(|conditions| {
            let known = conditions.contains_key(name);
            conditions.entry(name).or_insert_with(|| Some("starting".to_owned()));
            !known
        });
        Condition { name, readiness: self.clone() }
    }

    /// Whether every condition is met.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.conditions.borrow().values().all(Option::is_none)
    }

    /// The conditions that are not met, by name.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let conditions = self.conditions.borrow();
        let missing = conditions
            .iter()
            .filter_map(|(condition, reason)| reason.clone().map(|reason| Missing { condition, reason }));
        missing.collect()
    }

    /// Each condition, and whether it is met.
    pub(crate) fn conditions(&self) -> Vec<(&'static str, bool)> {
        self.conditions.borrow().iter().map(|(name, reason)| (*name, reason.is_none())).collect()
    }

    /// Waits until the program is ready, or is not, as asked.
    pub async fn until(&self, ready: bool) {
        let mut conditions = self.conditions.subscribe();
        // The sender lives as long as `self`, so that waiting does not fail.
        let _ = conditions.wait_for(|conditions| conditions.values().all(Option::is_none) == ready).await;
    }

    fn set(&self, name: &'static str, reason: Option<String>) {
        let modified = self.conditions.send_if_modified(|conditions| {
            let modified = conditions.get(name) != Some(&reason);
            conditions.insert(name, reason.clone());
            modified
        });
        match reason {
            Some(reason) if modified => tracing::warn!(condition = name, reason, "not ready"),
            None if modified => tracing::info!(condition = name, "ready"),
            Some(_) | None => {}
        }
    }
}

impl Default for Readiness {
    fn default() -> Self {
        Self::new()
    }
}

impl Condition {
    /// Says that the condition is met.
    pub fn ready(&self) {
        self.readiness.set(self.name, None);
    }

    /// Says that the condition is not met, and why: lower case, no full stop, no secrets.
    pub fn unready(&self, reason: impl Into<String>) {
        self.readiness.set(self.name, Some(reason.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_has_to_be_met() {
        let readiness = Readiness::new();
        let (redis, views) = (readiness.condition("redis"), readiness.condition("views"));
        assert!(!readiness.is_ready());

        redis.ready();
        assert_eq!(readiness.missing(), [Missing { condition: "views", reason: "starting".to_owned() }]);
        views.ready();
        assert!(readiness.is_ready());

        redis.unready("connection refused");
        assert_eq!(
            readiness.missing(),
            [Missing { condition: "redis", reason: "connection refused".to_owned() }]
        );
    }

    #[test]
    fn a_condition_asked_for_again_keeps_its_state() {
        let readiness = Readiness::new();
        readiness.condition("redis").ready();
        let _again = readiness.condition("redis");
        assert!(readiness.is_ready());
    }

    #[tokio::test]
    async fn a_change_wakes_who_waits() {
        let readiness = Readiness::new();
        let redis = readiness.condition("redis");
        let waiting = tokio::spawn({
            let readiness = readiness.clone();
            async move { readiness.until(true).await }
        });
        redis.ready();
        waiting.await.unwrap();
    }
}
