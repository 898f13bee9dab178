use std::time::Duration;

use onsale_telemetry::Label as _;

use super::asked::Asked;
use crate::http::problem::{ProblemKind, ProblemNote, ProblemType};

/// Writes the one line that a fault has, with all that is known of it. All others are for who asks for DEBUG, since a
/// crowd that waits makes hundreds of thousands a second. Never a token, a user, a path or a query.
pub(super) fn write(asked: Asked, (status, took): (u16, Duration), note: Option<&ProblemNote>) {
    let (method, route, took_ms) = (asked.method.value(), asked.route.0, took.as_secs_f64() * 1_000.0);
    let Some(ProblemNote { problem_type, reason }) = note else {
        tracing::debug!(%method, route, status, took_ms, "request");
        return;
    };
    let (problem, reason) = (problem_type.slug(), reason.as_deref());
    match problem_type.kind() {
        ProblemKind::Refusal | ProblemKind::Mistake => {
            tracing::debug!(%method, route, status, problem, reason, took_ms, "request refused");
        }
        // A bug, where the others are outages.
        ProblemKind::Fault if *problem_type == ProblemType::Internal => {
            tracing::error!(%method, route, status, problem, reason, took_ms, "request failed");
        }
        ProblemKind::Fault => {
            tracing::warn!(%method, route, status, problem, reason, took_ms, "request failed");
        }
    }
}
