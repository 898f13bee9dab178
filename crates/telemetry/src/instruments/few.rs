use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use opentelemetry::Value;

/// Lets so many ids be labels of their own, those that come first; all others are `other`.
///
/// For what operators make and a house has few of, rooms and concerts: they are a handful, and nobody promises it.
#[derive(Debug)]
pub struct Few {
    most: usize,
    seen: Mutex<BTreeSet<u64>>,
}

/// An id that may be a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FewId {
    /// One of the few.
    Known(u64),
    /// One of all the others.
    Other,
}

impl Few {
    /// At most so many ids are told apart.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self { most, seen: Mutex::new(BTreeSet::new()) }
    }

    /// What an id is called.
    pub fn of(&self, id: u64) -> FewId {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.contains(&id) || (seen.len() < self.most && seen.insert(id)) {
            FewId::Known(id)
        } else {
            FewId::Other
        }
    }
}

impl From<FewId> for Value {
    fn from(id: FewId) -> Self {
        match id {
            FewId::Known(id) => id.to_string().into(),
            FewId::Other => "other".into(),
        }
    }
}
