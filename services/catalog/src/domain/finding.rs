use serde::{Deserialize, Serialize};

/// What has to hold of seats, holds and sales, and can be looked up: three of the invariants of the whole system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Invariant {
    /// A seat has at most one live hold or sale. Where it has two, it is oversold.
    I5,
    /// A hold is honoured to its instant and not past it.
    I6,
    /// What views are made of is what the seats are.
    I7,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::I5, Self::I6, Self::I7];

    /// What the documentation calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::I5 => "I5",
            Self::I6 => "I6",
            Self::I7 => "I7",
        }
    }
}

/// What was looked at for an invariant, and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub invariant: Invariant,
    /// What has to be so.
    pub says: &'static str,
    /// How many things were looked at.
    pub checked: u64,
    /// What is not so; the first of it where there is much.
    pub broken: Vec<String>,
}
