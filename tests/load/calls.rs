//! Which call of the API a request is.

use axum::http::Method;

/// The calls of which something can be spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Token,
    Status,
    Seats,
    Hold,
    Confirmation,
    AdminRoom,
    Another,
}

impl Call {
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["api", "queues", "token"]) => Self::Token,
            ("GET", ["api", "queues", "status"]) => Self::Status,
            ("GET", ["api", "concerts", _, "schedules", _, "seats"]) => Self::Seats,
            ("POST", ["api", "concerts", _, "schedules", _, "holds"]) => Self::Hold,
            ("POST", ["api", "holds", _, "confirmation"]) => Self::Confirmation,
            (_, ["api", "admin", "rooms", _]) => Self::AdminRoom,
            _ => Self::Another,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_by_its_path() {
        let seats = "/api/concerts/7/schedules/8/seats";
        assert_eq!(Call::of(&Method::GET, seats), Call::Seats);
        assert_eq!(Call::of(&Method::POST, "/api/queues/token"), Call::Token);
        assert_eq!(Call::of(&Method::DELETE, "/api/queues/token"), Call::Another);
    }
}
