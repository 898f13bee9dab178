use std::any::Any;

use axum::response::{IntoResponse as _, Response};

use super::unanswered::Unanswered;
use crate::http::problem::{Problem, ProblemType};

/// A bug. The caller learns no more than that.
#[expect(clippy::needless_pass_by_value, reason = "what the layer hands over is owned")]
pub(super) fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
    let reason = format!("a handler panicked: {text}");
    Unanswered::mark(Problem::new(ProblemType::Internal).with_reason(reason).into_response())
}
