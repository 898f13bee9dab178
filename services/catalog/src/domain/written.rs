use super::ScheduleId;

/// What a write did to its schedule's seats: a view that covers it shows the write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The store's epoch: when its server started, in microseconds after 1970.
    pub epoch: i64,
    /// The blocks that the write changed, by number, with their versions after it.
    pub blocks: Vec<BlockVersion>,
}

/// A block of seats, and how often it has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockVersion {
    /// The block's number, from 0.
    pub block: u32,
    /// One more for each change.
    pub version: u64,
}
