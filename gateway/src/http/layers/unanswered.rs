use axum::response::Response;

/// Goes along with an answer that a layer gave in place of the service: the deadline's, that of whom there is no room for, a bug's. How
/// long it took says nothing about how long the service takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unanswered;

impl Unanswered {
    pub(super) fn mark(mut response: Response) -> Response {
        response.extensions_mut().insert(Self);
        response
    }

    pub(super) fn is(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }
}
