use serde::{Deserialize, Serialize};

/// Something that happened in a run: a line of `events.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it began, in Unix milliseconds.
    pub at: u64,
    /// What kind of thing it was.
    pub what: What,
    /// What it was, for a reader: `warm-up`, `redis is killed`.
    pub name: String,
}

/// What kind of thing an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The load changed: one phase ended, and this one began.
    Phase,
    /// Something was broken on purpose.
    Fault,
    /// What was broken was started or continued.
    Mended,
}
