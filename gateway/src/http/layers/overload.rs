use std::time::Duration;

use axum::BoxError;
use tower::{load_shed::error::Overloaded, timeout::error::Elapsed};

use crate::http::problem::{Problem, ProblemType};

/// A second is enough for what is in flight to be answered.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// A request that was not taken on, or not answered in time.
pub(super) async fn answer(error: BoxError) -> Problem {
    if error.is::<Overloaded>() {
        Problem::new(ProblemType::Overloaded).with_retry_after(TRY_AGAIN)
    } else if error.is::<Elapsed>() {
        let reason = "the request's time was over";
        Problem::new(ProblemType::TooSlow).with_retry_after(TRY_AGAIN).with_reason(reason)
    } else {
        Problem::new(ProblemType::Internal).with_reason(format!("a layer is broken: {error}"))
    }
}
