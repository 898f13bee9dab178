use axum::http::StatusCode;

/// What every type begins with.
const PREFIX: &str = "urn:onsale:problem:";

/// Writes the enum, the list of all and the columns from one table.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident, $slug:literal, $status:ident, [$($grpc:literal),*], $title:literal;)*) => {
        /// The kinds of problems there are. The list in `docs/problems.md` is held to this one by a test.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ProblemType {
            $($(#[$doc])* $name,)*
        }

        impl ProblemType {
            /// Every kind, in the order of the documentation.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// The end of its `type`, which does not change.
            pub(crate) const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The HTTP status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The gRPC codes of services that become it; none where it begins at the gateway.
            #[cfg(test)]
            pub(crate) const fn grpc_codes(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($grpc),*],)* }
            }

            /// What it is, in words.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

problems! {
    InvalidParameter, "invalid-parameter", BAD_REQUEST, [], "A path or query parameter is not valid";
    InvalidJson, "invalid-json", BAD_REQUEST, [], "The body is not JSON";
    InvalidValue, "invalid-value", UNPROCESSABLE_ENTITY, ["INVALID_ARGUMENT", "OUT_OF_RANGE"], "A value is not valid";
    UnsupportedMediaType, "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, [], "The body has to be application/json";
    BodyTooLarge, "body-too-large", PAYLOAD_TOO_LARGE, [], "The body is too large";
    NoSuchRoute, "no-such-route", NOT_FOUND, [], "There is nothing at this address";
    MethodNotAllowed, "method-not-allowed", METHOD_NOT_ALLOWED, [], "The address does not take this method";
    NotFound, "not-found", NOT_FOUND, ["NOT_FOUND"], "There is no such thing";
    TokenMissing, "token-missing", UNAUTHORIZED, [], "A queue token is needed";
    TokenInvalid, "token-invalid", UNAUTHORIZED, ["UNAUTHENTICATED"], "The queue token is not valid";
    TokenOfEndedEpoch, "token-of-ended-epoch", UNAUTHORIZED, ["UNAUTHENTICATED"], "The line that the queue token is of has ended";
    TokenOfAnotherRoom, "token-of-another-room", FORBIDDEN, [], "The queue token is of another room";
    NotInLine, "not-in-line", FORBIDDEN, [], "The queue token has no place in line";
    StillWaiting, "still-waiting", FORBIDDEN, [], "It is not your turn yet";
    SessionEnded, "session-ended", FORBIDDEN, [], "The session has ended";
    RoomClosed, "room-closed", FORBIDDEN, [], "The room is closed";
    LineFull, "line-full", SERVICE_UNAVAILABLE, [], "The line is full";
    AccessTokenMissing, "access-token-missing", UNAUTHORIZED, [], "An access token is needed";
    AccessTokenInvalid, "access-token-invalid", UNAUTHORIZED, [], "The access token is not valid";
    UserMismatch, "user-mismatch", FORBIDDEN, [], "The access token is another user's";
    IdentityUnavailable, "identity-unavailable", SERVICE_UNAVAILABLE, [], "Access tokens cannot be checked just now";
    OperatorKeyRequired, "operator-key-required", UNAUTHORIZED, [], "The operator key is needed";
    WrongMode, "wrong-mode", CONFLICT, ["FAILED_PRECONDITION"], "The room is not in a mode for this";
    VersionConflict, "version-conflict", CONFLICT, ["ABORTED", "ALREADY_EXISTS"], "Somebody else was first";
    SeatsTaken, "seats-taken", CONFLICT, ["FAILED_PRECONDITION"], "Some of the seats are taken";
    NotEnoughSeats, "not-enough-seats", CONFLICT, ["FAILED_PRECONDITION"], "There are not so many seats left";
    LimitReached, "limit-reached", CONFLICT, ["FAILED_PRECONDITION"], "A buyer may not have so many seats";
    SaleNotOpen, "sale-not-open", CONFLICT, ["FAILED_PRECONDITION"], "The sale is not open yet";
    SaleOver, "sale-over", GONE, ["FAILED_PRECONDITION"], "The sale is over";
    HoldEnded, "hold-ended", GONE, ["FAILED_PRECONDITION"], "The hold has ended";
    PaymentBegun, "payment-begun", CONFLICT, ["FAILED_PRECONDITION"], "Payment has begun";
    HoldSold, "hold-sold", CONFLICT, ["FAILED_PRECONDITION"], "The hold is sold";
    AnotherOrder, "another-order", CONFLICT, ["FAILED_PRECONDITION"], "The hold is sold under another order";
    IdempotencyKeyReused, "idempotency-key-reused", UNPROCESSABLE_ENTITY, ["FAILED_PRECONDITION"], "The idempotency key was used for another request";
    TooManyRequests, "too-many-requests", TOO_MANY_REQUESTS, [], "Too many requests from one client";
    Overloaded, "overloaded", SERVICE_UNAVAILABLE, ["RESOURCE_EXHAUSTED"], "There is too much to do just now";
    Unavailable, "unavailable", SERVICE_UNAVAILABLE, ["UNAVAILABLE"], "A part of the system is away just now";
    TooSlow, "too-slow", SERVICE_UNAVAILABLE, ["DEADLINE_EXCEEDED", "CANCELLED"], "It takes too long just now";
    Internal, "internal", INTERNAL_SERVER_ERROR, ["UNKNOWN", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED", "PERMISSION_DENIED"], "Something is broken";
}

impl ProblemType {
    /// Its `type`.
    pub(crate) fn uri(self) -> String {
        format!("{PREFIX}{}", self.slug())
    }
}
