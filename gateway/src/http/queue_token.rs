use std::{fmt, sync::Arc};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use onsale_token::UserId;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected, Visitor},
};
use utoipa::ToSchema;

use super::{
    App,
    body::JsonBody,
    parameters::is_id,
    problem::{Problem, ProblemBody},
    queue_status::StatusBody,
    token_header::{Shows, bearer, older},
};
use crate::{clock, rooms::Presented};

/// Where a place in a line is asked for, and given back.
pub(super) const PATH: &str = "/api/queues/token";

/// Who joins, and what for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Join)]
pub(crate) struct JoinBody {
    /// A positive integer or a text of 1 to 64 characters; `1` and `"1"` are one user. With `identity = jwks` it may
    /// be left out, and otherwise has to be the access token's `sub`.
    #[serde(default)]
    #[schema(schema_with = user_schema)]
    user_id: Option<NamedUser>,
    /// The concert whose room is joined; without it, the site room.
    #[serde(default)]
    #[schema(value_type = Option<u64>, example = 7)]
    concert_id: Option<ConcertId>,
}

/// The token, and where its visitor stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Joined)]
pub(crate) struct JoinedBody {
    /// The queue token: the one thing to keep. Shown as `Authorization: Bearer` from here on.
    #[schema(example = "eyJ0eXAiOiJvbnNhbGUtcXVldWUrand0IiwiYWxnIjoiSFMyNTYifQ.e30.c2ln")]
    token: String,
    #[serde(flatten)]
    status: StatusBody,
}

/// A user as a body names it.
#[derive(Debug)]
pub(super) struct NamedUser(pub(super) UserId);

#[derive(Debug)]
struct ConcertId(u64);

/// What a body may name a user by.
pub(super) fn user_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
    OneOfBuilder::new()
        .item(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(1)),
        )
        .item(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(64)))
        .examples([serde_json::json!(1)])
        .build()
        .into()
}

impl<'de> Deserialize<'de> for NamedUser {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UserVisitor)
    }
}

struct UserVisitor;

impl Visitor<'_> for UserVisitor {
    type Value = NamedUser;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a positive 64-bit integer, or a text of 1 to 64 characters without control characters")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<NamedUser, E> {
        let wrong = || E::invalid_value(Unexpected::Unsigned(number), &self);
        let user = UserId::new(&number.to_string()).ok().filter(|_| is_id(number));
        user.map(NamedUser).ok_or_else(wrong)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<NamedUser, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<NamedUser, E> {
        // The text itself is not repeated: it may be anything, and of any length.
        UserId::new(text)
            .map(NamedUser)
            .map_err(|_| E::invalid_value(Unexpected::Other("another text"), &self))
    }
}

impl<'de> Deserialize<'de> for ConcertId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = u64::deserialize(deserializer)?;
        let wrong =
            || D::Error::invalid_value(Unexpected::Unsigned(id), &"an integer from 1 to 9223372036854775807");
        is_id(id).then_some(Self(id)).ok_or_else(wrong)
    }
}

/// Join a line
///
/// The same user gets the same place each time, so that a second tab, a retry and a refresh lose nothing. A used-up
/// place is followed by a new one, at the end. Whoever still has a token shows it: after a loss in the store it
/// brings the place back.
#[utoipa::path(
    post,
    path = PATH,
    tag = "queue",
    request_body(content = JoinBody, example = json!({"userId": 1, "concertId": 7})),
    security((), ("accessToken" = [])),
    responses(
        (status = 201, description = "A place in line, or a session at once", body = JoinedBody, example = json!({
            "token": "eyJ0eXAiOiJvbnNhbGUtcXVldWUrand0IiwiYWxnIjoiSFMyNTYifQ.e30.c2ln",
            "status": "WAITING", "remainingQueueCount": 1041, "ready": false,
            "estimatedWaitSeconds": {"p50": 120, "p90": 141}, "pollAfterMs": 12000,
            "roomId": 1, "mode": "open", "number": 51042, "ageMs": 0, "stale": false
        })),
        (status = 400, description = "`invalid-json`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "`access-token-missing`, `access-token-invalid`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`room-closed`, `user-mismatch`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "`body-too-large`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-value`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`line-full`, `unavailable`, `too-slow`, `overloaded`, `identity-unavailable`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn join(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<JoinBody>,
) -> Result<Response, Problem> {
    let named = body.user_id.map(|NamedUser(user)| user);
    let user = app.identity.identify(named, bearer(&headers)).await?;
    let shown = match app.rooms.check(queue_token(&app, &headers), clock::now_s()) {
        Presented::Token(shown) => Some(shown),
        // A token of yesterday must not keep anybody from joining today.
        Presented::Nothing | Presented::Invalid => None,
    };
    let concert = body.concert_id.map(|ConcertId(id)| id);
    let (token, standpoint) = app.rooms.join(user, concert, shown).await?;
    let body = JoinedBody { token, status: StatusBody::of(&standpoint) };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// The queue token that somebody who joins still has. Where access tokens are needed, `Authorization` is theirs.
fn queue_token<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    if app.identity.takes_access_tokens() {
        older(headers)
    } else {
        bearer(headers).or_else(|| older(headers))
    }
}

/// Leave the line, or give the slot back
#[utoipa::path(
    delete,
    path = PATH,
    tag = "queue",
    security(("queueToken" = []), ("olderToken" = [])),
    responses(
        (status = 204, description = "Left; leaving twice is no error"),
        (status = 401, description = "`token-missing`, `token-invalid`, `token-of-ended-epoch`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn leave(State(app): State<Arc<App>>, Shows(shown): Shows) -> Result<StatusCode, Problem> {
    app.rooms.leave(&shown).await?;
    Ok(StatusCode::NO_CONTENT)
}
