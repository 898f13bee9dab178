use thiserror::Error;

/// What a request can be about, and what there may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Subject {
    /// The concert of the request.
    #[error("concert")]
    Concert,
    /// The schedule of the request, among those of its concert.
    #[error("schedule of this concert")]
    Schedule,
    /// The hall of the request.
    #[error("layout")]
    Layout,
    /// The section of the request, in the schedule's hall.
    #[error("section in the hall of this schedule")]
    Section,
    /// The hold of the request, among those of its buyer.
    #[error("hold of this buyer")]
    Hold,
    /// The sale of the request, among those of its buyer.
    #[error("sale of this buyer")]
    Sale,
    /// The kept answer of the request's idempotency key.
    #[error("answer of this key")]
    Answer,
}
