use std::{sync::LazyLock, time::Duration};

use axum::{
    BoxError,
    body::{Body, Bytes},
    response::Response,
};
use tower::{load_shed::error::Overloaded, timeout::error::Elapsed};

use crate::http::problem::{Problem, ProblemType};

/// A second is enough for what is in flight to be answered.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What everybody is told for whom there is no room: made once, since it is said most when there is least to spare.
static REFUSAL: LazyLock<Response<Bytes>> = LazyLock::new(|| overloaded().answer().map(Bytes::from));

/// Who is not let in learns when to come back.
pub(super) fn refusal() -> Response {
    REFUSAL.clone().map(Body::from)
}

/// A request that was not taken on, or not answered in time.
pub(super) async fn answer(error: BoxError) -> Problem {
    if error.is::<Overloaded>() {
        overloaded()
    } else if error.is::<Elapsed>() {
        let reason = "the request's time was over";
        Problem::new(ProblemType::TooSlow).with_retry_after(TRY_AGAIN).with_reason(reason)
    } else {
        Problem::new(ProblemType::Internal).with_reason(format!("a layer is broken: {error}"))
    }
}

fn overloaded() -> Problem {
    Problem::new(ProblemType::Overloaded).with_retry_after(TRY_AGAIN)
}
