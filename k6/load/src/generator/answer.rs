/// An answer that a generator got.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// Seconds from the generator's start to when the request was made.
    pub at: f64,
    /// Milliseconds to the whole answer, from when the request was due.
    pub took_ms: f64,
    /// Its status; 0 where there was none.
    pub status: u16,
}
