//! How the gateway says no: RFC 9457, one table of types, and one place for each kind of error to become one.

mod failure;
mod identity;
mod kind;
mod selling;
mod standing;
mod table;

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use onsale_token::RoomId;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use kind::ProblemKind;
pub(crate) use table::ProblemType;

use selling::RefusalFacts;

use super::queue_status::StatusBody;

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    problem_type: ProblemType,
    /// For the log, and for nobody else.
    reason: Option<String>,
    detail: Option<Cow<'static, str>>,
    errors: Vec<FieldProblem>,
    retry_after: Option<Duration>,
    /// What `WWW-Authenticate` says.
    challenge: Option<&'static str>,
    room: Option<RoomId>,
    place: Option<StatusBody>,
    facts: RefusalFacts,
}

/// What an answer says, for those who count, trace and log it. It goes along as an extension, which no caller sees.
#[derive(Clone, Debug)]
pub(crate) struct ProblemNote {
    pub(crate) problem_type: ProblemType,
    /// What is the matter in words that are not for callers.
    pub(crate) reason: Option<String>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The field as the request names it: `userId`, `policy.claimWindowMs`.
    #[schema(example = "limit")]
    pub(crate) field: String,
    /// What it has to be.
    #[schema(example = "a whole number from 1 to 200")]
    pub(crate) detail: Cow<'static, str>,
}

/// A problem as RFC 9457 writes it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Names the kind of problem, and does not change; `docs/problems.md` lists them all.
    #[schema(example = "urn:onsale:problem:invalid-parameter")]
    r#type: &'static str,
    /// The kind of problem in words.
    title: &'static str,
    /// The status of the answer.
    #[schema(example = 400)]
    status: u16,
    /// What is the matter this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldProblem],
    /// With `still-waiting` where the visitor stands, as `/api/queues/status` tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a StatusBody>,
    /// The room that the problem is about.
    #[serde(rename = "roomId", skip_serializing_if = "Option::is_none")]
    room: Option<u64>,
    #[serde(flatten)]
    facts: &'a RefusalFacts,
}

impl Problem {
    /// A problem of this type, with nothing more to say.
    pub(crate) fn new(problem_type: ProblemType) -> Self {
        Self(Box::new(Parts {
            problem_type,
            reason: None,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            challenge: None,
            room: None,
            place: None,
            facts: RefusalFacts::default(),
        }))
    }

    /// A path or query parameter is not valid.
    pub(crate) fn parameter(field: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemType::InvalidParameter).with_field(field, detail)
    }

    /// A value in the body is not valid.
    pub(crate) fn value(field: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemType::InvalidValue).with_field(field, detail)
    }

    /// Says what is the matter this time.
    pub(crate) fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Names a field that is wrong.
    pub(crate) fn with_field(mut self, field: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.errors.push(FieldProblem { field: field.to_owned(), detail: detail.into() });
        self
    }

    /// Says to the log what is the matter. A caller learns nothing of it.
    pub(crate) fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.0.reason = Some(reason.into());
        self
    }

    /// Says when to try again.
    pub(crate) const fn with_retry_after(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// Says with what to authenticate.
    pub(crate) const fn with_challenge(mut self, challenge: &'static str) -> Self {
        self.0.challenge = Some(challenge);
        self
    }

    fn with_room(mut self, room: Option<RoomId>) -> Self {
        self.0.room = room;
        self
    }

    fn with_place(mut self, place: StatusBody) -> Self {
        self.0.place = Some(place);
        self
    }

    fn with_facts(mut self, facts: RefusalFacts) -> Self {
        self.0.facts = facts;
        self
    }

    /// The answer, whole.
    pub(crate) fn answer(self) -> Response<Vec<u8>> {
        let parts = *self.0;
        let problem_type = parts.problem_type;
        let status = problem_type.status();
        let body = ProblemBody {
            r#type: problem_type.uri(),
            title: problem_type.title(),
            status: status.as_u16(),
            detail: parts.detail.as_deref(),
            errors: &parts.errors,
            place: parts.place.as_ref(),
            room: parts.room.map(RoomId::get),
            facts: &parts.facts,
        };
        let Ok(body) = serde_json::to_vec(&body) else {
            let mut nothing = Response::default();
            *nothing.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return nothing;
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.extensions_mut().insert(ProblemNote { problem_type, reason: parts.reason });
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(after) = parts.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(after)));
        }
        if let Some(challenge) = parts.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }

    /// Which type of problem it is.
    #[cfg(test)]
    pub(crate) const fn problem_type(&self) -> ProblemType {
        self.0.problem_type
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.answer().map(Body::from)
    }
}

/// Whole seconds, never too early and never at once.
fn seconds(after: Duration) -> u64 {
    (after.as_secs() + u64::from(after.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests;
