use axum::http::StatusCode;
use onsale_telemetry::{Label, LabelValue};

use super::ProblemKind;
use crate::metrics::Gatekeeping;

/// Writes the enum, the list of all and the columns from one table.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident, $slug:literal, $status:ident, $kind:ident, [$($grpc:literal),*], $title:literal;)*) => {
        /// The types of problems there are. The list in `docs/problems.md` is held to this one by a test.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum ProblemType {
            $($(#[$doc])* $name,)*
        }

        impl ProblemType {
            /// Every type, in the order of the documentation.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// The end of its `type`, which does not change.
            pub(crate) const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// Its `type`.
            pub(crate) const fn uri(self) -> &'static str {
                match self { $(Self::$name => concat!("urn:onsale:problem:", $slug),)* }
            }

            /// The HTTP status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// Whose doing it is.
            pub(crate) const fn kind(self) -> ProblemKind {
                match self { $(Self::$name => ProblemKind::$kind,)* }
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
    InvalidParameter, "invalid-parameter", BAD_REQUEST, Mistake, [], "A path or query parameter is not valid";
    InvalidJson, "invalid-json", BAD_REQUEST, Mistake, [], "The body is not JSON";
    InvalidValue, "invalid-value", UNPROCESSABLE_ENTITY, Mistake, ["INVALID_ARGUMENT", "OUT_OF_RANGE"], "A value is not valid";
    UnsupportedMediaType, "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, Mistake, [], "The body has to be application/json";
    BodyTooLarge, "body-too-large", PAYLOAD_TOO_LARGE, Mistake, [], "The body is too large";
    NoSuchRoute, "no-such-route", NOT_FOUND, Mistake, [], "There is nothing at this address";
    MethodNotAllowed, "method-not-allowed", METHOD_NOT_ALLOWED, Mistake, [], "The address does not take this method";
    NotFound, "not-found", NOT_FOUND, Mistake, ["NOT_FOUND"], "There is no such thing";
    TokenMissing, "token-missing", UNAUTHORIZED, Mistake, [], "A queue token is needed";
    TokenInvalid, "token-invalid", UNAUTHORIZED, Mistake, ["UNAUTHENTICATED"], "The queue token is not valid";
    TokenOfEndedEpoch, "token-of-ended-epoch", UNAUTHORIZED, Refusal, ["UNAUTHENTICATED"], "The line that the queue token is of has ended";
    TokenOfAnotherRoom, "token-of-another-room", FORBIDDEN, Mistake, [], "The queue token is of another room";
    NotInLine, "not-in-line", FORBIDDEN, Refusal, [], "The queue token has no place in line";
    StillWaiting, "still-waiting", FORBIDDEN, Refusal, [], "It is not your turn yet";
    SessionEnded, "session-ended", FORBIDDEN, Refusal, [], "The session has ended";
    RoomClosed, "room-closed", FORBIDDEN, Refusal, [], "The room is closed";
    LineFull, "line-full", SERVICE_UNAVAILABLE, Refusal, [], "The line is full";
    AccessTokenMissing, "access-token-missing", UNAUTHORIZED, Mistake, [], "An access token is needed";
    AccessTokenInvalid, "access-token-invalid", UNAUTHORIZED, Mistake, [], "The access token is not valid";
    UserMismatch, "user-mismatch", FORBIDDEN, Mistake, [], "The access token is another user's";
    IdentityUnavailable, "identity-unavailable", SERVICE_UNAVAILABLE, Fault, [], "Access tokens cannot be checked just now";
    OperatorKeyRequired, "operator-key-required", UNAUTHORIZED, Mistake, [], "The operator key is needed";
    WrongMode, "wrong-mode", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "The room is not in a mode for this";
    VersionConflict, "version-conflict", CONFLICT, Refusal, ["ABORTED", "ALREADY_EXISTS"], "Somebody else was first";
    SeatsTaken, "seats-taken", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "Some of the seats are taken";
    NotEnoughSeats, "not-enough-seats", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "There are not so many seats left";
    LimitReached, "limit-reached", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "A buyer may not have so many seats";
    SaleNotOpen, "sale-not-open", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "The sale is not open yet";
    SaleOver, "sale-over", GONE, Refusal, ["FAILED_PRECONDITION"], "The sale is over";
    HoldEnded, "hold-ended", GONE, Refusal, ["FAILED_PRECONDITION"], "The hold has ended";
    PaymentBegun, "payment-begun", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "Payment has begun";
    HoldSold, "hold-sold", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "The hold is sold";
    AnotherOrder, "another-order", CONFLICT, Refusal, ["FAILED_PRECONDITION"], "The hold is sold under another order";
    IdempotencyKeyReused, "idempotency-key-reused", UNPROCESSABLE_ENTITY, Mistake, ["FAILED_PRECONDITION"], "The idempotency key was used for another request";
    TooManyRequests, "too-many-requests", TOO_MANY_REQUESTS, Refusal, [], "Too many requests from one client";
    Overloaded, "overloaded", SERVICE_UNAVAILABLE, Refusal, ["RESOURCE_EXHAUSTED"], "There is too much to do just now";
    Unavailable, "unavailable", SERVICE_UNAVAILABLE, Fault, ["UNAVAILABLE"], "A part of the system is away just now";
    TooSlow, "too-slow", SERVICE_UNAVAILABLE, Fault, ["DEADLINE_EXCEEDED", "CANCELLED"], "It takes too long just now";
    Internal, "internal", INTERNAL_SERVER_ERROR, Fault, ["UNKNOWN", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED", "PERMISSION_DENIED"], "Something is broken";
}

impl ProblemType {
    /// Why somebody is not let in, where it says that.
    pub(crate) const fn gatekeeping(self) -> Option<Gatekeeping> {
        Some(match self {
            Self::TokenMissing
            | Self::TokenInvalid
            | Self::TokenOfEndedEpoch
            | Self::TokenOfAnotherRoom
            | Self::NotInLine => Gatekeeping::Token,
            Self::AccessTokenMissing | Self::AccessTokenInvalid | Self::UserMismatch => Gatekeeping::Identity,
            Self::StillWaiting => Gatekeeping::StillWaiting,
            Self::SessionEnded => Gatekeeping::SessionEnded,
            Self::RoomClosed => Gatekeeping::RoomClosed,
            Self::LineFull => Gatekeeping::LineFull,
            Self::TooManyRequests => Gatekeeping::Rate,
            Self::Overloaded => Gatekeeping::LoadShed,
            Self::InvalidParameter
            | Self::InvalidJson
            | Self::InvalidValue
            | Self::UnsupportedMediaType
            | Self::BodyTooLarge
            | Self::NoSuchRoute
            | Self::MethodNotAllowed
            | Self::NotFound
            | Self::IdentityUnavailable
            | Self::OperatorKeyRequired
            | Self::WrongMode
            | Self::VersionConflict
            | Self::SeatsTaken
            | Self::NotEnoughSeats
            | Self::LimitReached
            | Self::SaleNotOpen
            | Self::SaleOver
            | Self::HoldEnded
            | Self::PaymentBegun
            | Self::HoldSold
            | Self::AnotherOrder
            | Self::IdempotencyKeyReused
            | Self::Unavailable
            | Self::TooSlow
            | Self::Internal => return None,
        })
    }
}

impl Label for ProblemType {
    const KEY: &'static str = "problem";

    fn known() -> Vec<Self> {
        Self::ALL.to_vec()
    }

    fn value(self) -> LabelValue {
        self.slug().into()
    }
}
