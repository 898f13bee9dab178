//! What every call has in common: it is refused at once when too many are in flight, it ends by
//! its deadline, and it is counted and timed.

use std::{future::Future, time::Duration, time::Instant};

use onsale_telemetry::Meter;
use tokio::sync::Semaphore;
use tonic::{Code, Request, Response, Status};

use crate::{deadline, metrics::Metrics, status};

/// The calls in flight, and their bounds.
#[derive(Debug)]
pub struct Calls {
    places: Semaphore,
    longest: Duration,
    metrics: Metrics,
}

impl Calls {
    /// At most `at_once` calls, none longer than `longest`, counted by instruments of `meter`.
    #[must_use]
    pub fn new(at_once: usize, longest: Duration, meter: &Meter) -> Self {
        let places = Semaphore::new(at_once.min(Semaphore::MAX_PERMITS));
        Self { places, longest, metrics: Metrics::new(meter) }
    }

    /// Runs a call of that method (its full name, `package.Service/Method`) within its bounds.
    ///
    /// # Errors
    /// `UNAVAILABLE` and `DEADLINE_EXCEEDED` of its own, with `RetryInfo`; else the work's.
    pub async fn run<M, T, W>(
        &self,
        method: &'static str,
        request: Request<M>,
        work: impl FnOnce(M) -> W + Send,
    ) -> Result<Response<T>, Status>
    where
        W: Future<Output = Result<T, Status>> + Send,
    {
        let began_at = Instant::now();
        let outcome = self.bounded(request, work).await;
        let code = outcome.as_ref().err().map_or(Code::Ok, Status::code);
        self.metrics.call(method, code, began_at.elapsed());
        outcome.map(Response::new)
    }

    async fn bounded<M, T, W>(
        &self,
        request: Request<M>,
        work: impl FnOnce(M) -> W + Send,
    ) -> Result<T, Status>
    where
        W: Future<Output = Result<T, Status>> + Send,
    {
        let Ok(_place) = self.places.try_acquire() else { return Err(status::overload()) };
        let time = deadline::of_call(request.metadata(), self.longest);
        tokio::time::timeout(time, work(request.into_inner()))
            .await
            .unwrap_or_else(|_| Err(status::lateness()))
    }
}
