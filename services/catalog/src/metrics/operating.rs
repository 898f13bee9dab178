//! How an operation on seats is counted: once, however it ends.

use std::time::Instant;

use super::{Operation, Outcome, SalesMetrics};
use crate::{
    domain::{HoldAnswer, HouseSeatsAnswer, SaleAnswer},
    store::SalesError,
};

/// The answer to an operation that was done.
pub trait Answered {
    /// What became of it, and how many seats it changed.
    fn became(&self) -> (Outcome, usize);
}

impl Answered for HoldAnswer {
    fn became(&self) -> (Outcome, usize) {
        became(self.replayed, self.written.is_some(), self.hold.seats.len())
    }
}

impl Answered for SaleAnswer {
    fn became(&self) -> (Outcome, usize) {
        became(self.replayed, self.written.is_some(), self.sale.seats.len())
    }
}

impl Answered for HouseSeatsAnswer {
    fn became(&self) -> (Outcome, usize) {
        became(false, self.written.is_some(), self.changed as usize)
    }
}

fn became(replayed: bool, written: bool, seats: usize) -> (Outcome, usize) {
    match (replayed, written) {
        (true, _) => (Outcome::Replayed, 0),
        (false, true) => (Outcome::Done, seats),
        (false, false) => (Outcome::Unchanged, 0),
    }
}

impl SalesMetrics {
    /// Counts and times an operation. One that is dropped before its end, because its caller waits no longer, counts as
    /// abandoned.
    ///
    /// # Errors
    /// The work's.
    pub async fn measured<A: Answered>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<A, SalesError>>,
    ) -> Result<A, SalesError> {
        let mut operating = Operating {
            metrics: self,
            operation,
            outcome: Some(Outcome::Abandoned),
            began_at: Instant::now(),
        };
        let answer = work.await;
        operating.outcome = match &answer {
            Ok(answer) => {
                let (outcome, seats) = answer.became();
                // A payment may begin without any seat's end moving.
                let began = operation == Operation::CheckOut && outcome == Outcome::Unchanged;
                let outcome = if began { Outcome::Done } else { outcome };
                self.seats_changed.add(u64::try_from(seats).unwrap_or(u64::MAX), operation);
                Some(outcome)
            }
            Err(error) => Outcome::of_error(error),
        };
        answer
    }
}

/// An operation that is counted when this is dropped, where anything was tried at all.
struct Operating<'a> {
    metrics: &'a SalesMetrics,
    operation: Operation,
    outcome: Option<Outcome>,
    began_at: Instant,
}

impl Drop for Operating<'_> {
    fn drop(&mut self) {
        let Some(outcome) = self.outcome else { return };
        self.metrics.operations.add(1, (self.operation, outcome));
        self.metrics.duration.took(self.began_at.elapsed(), self.operation);
    }
}
