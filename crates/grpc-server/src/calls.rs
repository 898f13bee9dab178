//! What every call has in common: it is refused at once when too many are in flight, it ends by
//! its deadline, and it is counted and timed.

use std::{future::Future, time::Duration, time::Instant};

use onsale_telemetry::Instruments;
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
    /// At most `at_once` calls, none longer than `longest`, counted by instruments of their own.
    #[must_use]
    pub fn new(at_once: usize, longest: Duration, instruments: &Instruments) -> Self {
        let places = Semaphore::new(at_once.min(Semaphore::MAX_PERMITS));
        Self { places, longest, metrics: Metrics::new(instruments) }
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
        let Ok(_place) = self.places.try_acquire() else {
            self.metrics.shed();
            return Err(status::overload());
        };
        let _serving = self.metrics.serving();
        let time = deadline::of_call(request.metadata(), self.longest);
        tokio::time::timeout(time, work(request.into_inner()))
            .await
            .unwrap_or_else(|_| Err(status::lateness()))
    }
}

#[cfg(test)]
mod tests {
    use onsale_telemetry::{Telemetry, TelemetryConfig};

    use super::*;

    const METHOD: &str = "onsale.test.v1.TestService/Do";

    /// Whether the metrics have that line.
    fn says(telemetry: &Telemetry, line: &str) -> bool {
        telemetry.render_metrics().expect("metrics").lines().any(|said| said == line)
    }

    #[tokio::test]
    async fn calls_in_flight_and_calls_shed_are_counted() {
        let telemetry = Telemetry::init(&TelemetryConfig::default(), "test").expect("telemetry");
        let calls = Calls::new(1, Duration::from_mins(1), telemetry.instruments());
        assert!(says(&telemetry, "onsale_grpc_calls_in_flight 0"));
        assert!(says(&telemetry, "onsale_grpc_calls_shed_total 0"));

        let outcome = calls.run(METHOD, Request::new(()), |()| async {
            assert!(says(&telemetry, "onsale_grpc_calls_in_flight 1"));
            calls.run(METHOD, Request::new(()), |()| async { Ok(()) }).await
        });

        assert_eq!(outcome.await.expect_err("no place").code(), Code::Unavailable);
        assert!(says(&telemetry, "onsale_grpc_calls_in_flight 0"));
        assert!(says(&telemetry, "onsale_grpc_calls_shed_total 1"));
        let labels = format!(
            "rpc_method=\"{METHOD}\",rpc_response_status_code=\"UNAVAILABLE\",rpc_system_name=\"grpc\""
        );
        assert!(says(&telemetry, &format!("rpc_server_call_duration_seconds_count{{{labels}}} 2")));
    }
}
