//! What the gateway's instruments are labelled with. Each type has few values.

use onsale_telemetry::{Label, LabelValue, label};
use onsale_token::TokenError;

use crate::{failure::Service, http::ProblemType};

label! {
    /// A method as the semantic conventions have it: callers can invent methods, but not labels.
    pub(crate) enum Method: "http.request.method" {
        Connect = "CONNECT",
        Delete = "DELETE",
        Get = "GET",
        Head = "HEAD",
        Options = "OPTIONS",
        Patch = "PATCH",
        Post = "POST",
        Put = "PUT",
        Trace = "TRACE",
        /// One that somebody made up.
        Other = "_OTHER",
    }
}

label! {
    /// What is wrong with a token.
    pub(crate) enum TokenRefusal: "reason" {
        Malformed = "malformed",
        WrongType = "wrong_type",
        WrongAlgorithm = "wrong_algorithm",
        UnknownKey = "unknown_key",
        WrongSignature = "wrong_signature",
        Expired = "expired",
    }
}

label! {
    /// What a visitor who joined was given.
    pub(crate) enum Given: "outcome" {
        /// A number that was not known to be issued when the join was sent.
        New = "new",
        /// A number that the user had.
        Again = "again",
        /// A token without one: the room is off.
        WithoutANumber = "without_a_number",
    }
}

label! {
    /// Where the answer to a status poll came from.
    pub(crate) enum AnsweredFrom: "source" {
        /// The synced view.
        View = "view",
        /// A remembered session.
        Memory = "memory",
        /// A call to the queue.
        Queue = "queue",
    }
}

label! {
    /// What a status poll was told.
    pub(crate) enum StatusTold: "status" {
        Waiting = "waiting",
        /// Called, without a free slot.
        Ready = "ready",
        Active = "active",
        /// The place is used up.
        Ended = "ended",
        /// The room is closed.
        Closed = "closed",
        /// The queue had no answer.
        Failed = "failed",
    }
}

label! {
    /// What is read by those who may have it already.
    pub(crate) enum Resource: "resource" {
        Concerts = "concerts",
        Schedules = "schedules",
        Seats = "seats",
        Layout = "layout",
        Room = "room",
    }
}

label! {
    /// How much of it was sent.
    pub(crate) enum ReadAnswer: "answer" {
        Full = "full",
        /// Only what changed since what the reader has.
        Changes = "changes",
        NotModified = "not_modified",
    }
}

label! {
    /// What is kept, so that not each reader costs a call.
    pub(crate) enum View: "view" {
        Seats = "seats",
        Schedules = "schedules",
        Layouts = "layouts",
    }
}

label! {
    /// What a reader cost.
    pub(crate) enum Found: "outcome" {
        /// Nothing: it was there, or somebody else had asked.
        Hit = "hit",
        /// A call.
        Fetched = "fetched",
    }
}

label! {
    /// Why somebody is not let in.
    pub(crate) enum Gatekeeping: "reason" {
        /// The queue token is missing, not valid, of another room or of an epoch that has ended.
        Token = "token",
        /// The user's own access token is missing, not valid or another's.
        Identity = "identity",
        /// It is not the visitor's turn yet.
        StillWaiting = "still_waiting",
        /// The visitor's session is over.
        SessionEnded = "session_ended",
        RoomClosed = "room_closed",
        /// As many wait as may.
        LineFull = "line_full",
        /// One client asks more often than it may.
        Rate = "rate",
        /// There is more to do than can be done in time.
        LoadShed = "load_shed",
    }
}

label! {
    /// How a copy of a service does, as far as the balancer knows.
    pub(crate) enum CopyState: "state" {
        Up = "up",
        Down = "down",
    }
}

/// A route as the router writes it, or `unmatched`: there are as many as handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Route(pub(crate) &'static str);

/// The status of an answer: one of those that the gateway's code names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct StatusCode(pub(super) u16);

/// The problem that an answer is, where HTTP calls it an error of the server: 503 alone does not tell a full line, which
/// is as it is meant to be, from an outage. Prometheus drops a label that is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ErrorType(pub(super) Option<ProblemType>);

impl Label for Route {
    const KEY: &'static str = "http.route";

    fn value(self) -> LabelValue {
        self.0.into()
    }
}

impl Label for StatusCode {
    const KEY: &'static str = "http.response.status_code";

    fn value(self) -> LabelValue {
        i64::from(self.0).into()
    }
}

impl Label for ErrorType {
    const KEY: &'static str = "error.type";

    fn value(self) -> LabelValue {
        let error = self.0.filter(|problem| problem.status().is_server_error());
        error.map_or("", ProblemType::slug).into()
    }
}

impl Label for Service {
    const KEY: &'static str = "service";

    fn known() -> Vec<Self> {
        vec![Self::Queue, Self::Catalog]
    }

    fn value(self) -> LabelValue {
        self.name().into()
    }
}

impl Method {
    /// The label of a method that was asked with.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "CONNECT" => Self::Connect,
            "DELETE" => Self::Delete,
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "OPTIONS" => Self::Options,
            "PATCH" => Self::Patch,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "TRACE" => Self::Trace,
            _ => Self::Other,
        }
    }
}

impl From<TokenError> for TokenRefusal {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Malformed => Self::Malformed,
            TokenError::WrongType => Self::WrongType,
            TokenError::WrongAlgorithm => Self::WrongAlgorithm,
            TokenError::UnknownKey => Self::UnknownKey,
            TokenError::WrongSignature => Self::WrongSignature,
            TokenError::Expired => Self::Expired,
        }
    }
}
