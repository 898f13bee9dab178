use super::problem::{Problem, ProblemType};

/// There is nothing at the address.
pub(crate) async fn no_such_route() -> Problem {
    Problem::new(ProblemType::NoSuchRoute)
}

/// There is something, but not for this method; `Allow` says for which.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(ProblemType::MethodNotAllowed)
}
