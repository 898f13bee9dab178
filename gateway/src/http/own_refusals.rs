use utoipa::IntoResponses;

use super::problem::ProblemBody;

/// What every request about one hold or one sale of the buyer's own may be refused with, for the document.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it is read by the document only")]
pub(crate) enum OwnRefusals {
    #[response(status = 400, description = "`invalid-parameter`", content_type = "application/problem+json")]
    Parameter(ProblemBody<'static>),
    #[response(
        status = 401,
        description = "`token-missing`, `token-invalid`",
        content_type = "application/problem+json"
    )]
    Token(ProblemBody<'static>),
    #[response(status = 404, description = "`not-found`", content_type = "application/problem+json")]
    NotFound(ProblemBody<'static>),
    #[response(
        status = 503,
        description = "`unavailable`, `too-slow`, `overloaded`",
        content_type = "application/problem+json"
    )]
    Unavailable(ProblemBody<'static>),
}
