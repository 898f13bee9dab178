use super::Written;

/// What became of seats that the house keeps back or gives free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseSeatsAnswer {
    /// How many have changed.
    pub changed: u32,
    /// What was written; none where nothing was.
    pub written: Option<Written>,
}
