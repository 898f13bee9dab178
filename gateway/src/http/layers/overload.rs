use std::{sync::LazyLock, time::Duration};

use axum::{
    BoxError,
    body::{Body, Bytes},
    response::{IntoResponse as _, Response},
};
use tower::{load_shed::error::Overloaded, timeout::error::Elapsed};

use super::unanswered::Unanswered;
use crate::http::problem::{Problem, ProblemType};

/// A second is enough for what is in flight to be answered.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What everybody is told for whom there is no room: made once, since it is said most when there is least to spare.
pub(super) static REFUSAL: LazyLock<Response<Bytes>> =
    LazyLock::new(|| overloaded().answer().map(Bytes::from));

/// Who is not let in learns when to come back.
pub(super) fn refusal() -> Response {
    REFUSAL.clone().map(Body::from)
}

/// A request that was not taken on, or not answered in time.
pub(super) async fn answer(error: BoxError) -> Response {
    let problem = if error.is::<Overloaded>() {
        overloaded()
    } else if error.is::<Elapsed>() {
        let reason = "the request's time was over";
        Problem::new(ProblemType::TooSlow).with_retry_after(TRY_AGAIN).with_reason(reason)
    } else {
        Problem::new(ProblemType::Internal).with_reason(format!("a layer is broken: {error}"))
    };
    Unanswered::mark(problem.into_response())
}

fn overloaded() -> Problem {
    Problem::new(ProblemType::Overloaded).with_retry_after(TRY_AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn neither_the_deadline_nor_want_of_room_is_the_services_answer() {
        for error in [BoxError::from(Elapsed::new()), Overloaded::new().into(), "broken".into()] {
            assert!(Unanswered::is(&answer(error).await));
        }
    }
}
