use serde::Serialize;

/// What was looked at for an invariant, and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `I5` to `I7`.
    pub invariant: &'static str,
    /// What has to be so.
    pub says: &'static str,
    /// How many things were looked at.
    pub checked: u64,
    /// What is not so; the first of it where there is much.
    pub broken: Vec<String>,
}
