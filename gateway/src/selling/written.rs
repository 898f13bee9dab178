/// What a write did to its schedule's seats: a view that covers it shows the write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) schedule: u64,
    /// The run of the store that the versions are of.
    pub(crate) epoch: i64,
    /// Number and version of each block that changed.
    pub(crate) blocks: Vec<(u32, u64)>,
}
