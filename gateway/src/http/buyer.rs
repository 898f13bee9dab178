use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use onsale_token::UserId;

use super::{
    App,
    problem::Problem,
    token_header::{bearer, older},
};
use crate::{clock, selling::BuyerClaim};

/// The user whose holds and sales a request is about.
pub(crate) struct Holder(pub(crate) UserId);

impl FromRequestParts<Arc<App>> for Holder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Ok(Self(app.selling.holder(&claim(app, &parts.headers, None)).await?))
    }
}

/// What a request says of who asks. Where access tokens are taken, `Authorization` may carry one instead of the queue
/// token, and `Token` the queue token beside it, as for joining.
pub(crate) fn claim(app: &App, headers: &HeaderMap, named: Option<UserId>) -> BuyerClaim {
    let takes_access_tokens = app.identity.takes_access_tokens();
    let (authorization, token) = (bearer(headers), older(headers));
    let queue_token = if takes_access_tokens { token.or(authorization) } else { authorization.or(token) };
    BuyerClaim {
        presented: app.rooms.check(queue_token, clock::now_s()),
        access_token: authorization.filter(|_| takes_access_tokens).map(str::to_owned),
        named,
    }
}
