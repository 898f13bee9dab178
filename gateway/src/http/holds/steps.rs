use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::HoldBody;
use crate::http::{
    App,
    body::JsonBody,
    buyer::Holder,
    idempotency_key::MayHaveKey,
    own_refusals::OwnRefusals,
    parameters::{PathText, uuid},
    problem::{Problem, ProblemBody},
    sales::SaleBody,
};

/// How long the shop's name for an order may be.
const MOST_CHARS: usize = 255;

/// What a hold is sold under.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Confirmation)]
pub(crate) struct ConfirmationBody {
    /// The shop's own name for the order: 1 to 255 characters.
    #[schema(example = "order-4711", min_length = 1, max_length = 255)]
    order_ref: String,
}

/// Move the end of a hold
///
/// To now and some more, never past `latestEndAt` and never back. Not once payment has begun. Without an
/// `Idempotency-Key` a second request is a second extension.
#[utoipa::path(
    post,
    path = "/api/holds/{holdId}/extension",
    tag = "selling",
    operation_id = "extendHold",
    params(("holdId" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255)),
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 200, description = "The hold with its new end", body = HoldBody),
        (status = 409, description = "`payment-begun`, `hold-sold`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "`hold-ended`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency-key-reused`",
            body = ProblemBody, content_type = "application/problem+json"),
        OwnRefusals,
    )
)]
pub(crate) async fn extend(
    State(app): State<Arc<App>>,
    PathText(hold): PathText<String>,
    MayHaveKey(key): MayHaveKey,
    Holder(user): Holder,
) -> Result<HoldBody, Problem> {
    let hold = uuid("holdId", &hold)?;
    Ok(HoldBody::from(app.selling.sales().extend(&user, hold, key.as_ref()).await?))
}

/// Begin to pay
///
/// The end moves once more, to the payment deadline. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/api/holds/{holdId}/checkout",
    tag = "selling",
    operation_id = "checkOut",
    params(("holdId" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255)),
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 200, description = "The hold, `PAYING`", body = HoldBody),
        (status = 409, description = "`hold-sold`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "`hold-ended`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency-key-reused`",
            body = ProblemBody, content_type = "application/problem+json"),
        OwnRefusals,
    )
)]
pub(crate) async fn check_out(
    State(app): State<Arc<App>>,
    PathText(hold): PathText<String>,
    MayHaveKey(key): MayHaveKey,
    Holder(user): Holder,
) -> Result<HoldBody, Problem> {
    let hold = uuid("holdId", &hold)?;
    Ok(HoldBody::from(app.selling.sales().check_out(&user, hold, key.as_ref()).await?))
}

/// Sell the seats of a hold
///
/// All of them or none. With the same `orderRef` again it is the same sale; a payment that comes after the hold's end
/// is told 410, and has to be refunded.
#[utoipa::path(
    post,
    path = "/api/holds/{holdId}/confirmation",
    tag = "selling",
    operation_id = "confirmHold",
    params(("holdId" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255)),
    request_body(content = ConfirmationBody, example = json!({"orderRef": "order-4711"})),
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 201, description = "The seats are sold. `Location` is the sale", body = SaleBody),
        (status = 400, description = "`invalid-parameter`, `invalid-json`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "`token-missing`, `token-invalid`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`another-order`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "`hold-ended`: refund", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-value`, `idempotency-key-reused`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, `too-slow`, `overloaded`: it may be sold, and asking again tells",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn confirm(
    State(app): State<Arc<App>>,
    PathText(hold): PathText<String>,
    MayHaveKey(key): MayHaveKey,
    Holder(user): Holder,
    JsonBody(body): JsonBody<ConfirmationBody>,
) -> Result<Response, Problem> {
    let hold = uuid("holdId", &hold)?;
    let order_ref = body.read()?;
    let answer = app.selling.sales().confirm(&user, hold, order_ref, key.as_ref()).await?;
    let location = format!("/api/sales/{}", answer.sale.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], SaleBody::from(answer)).into_response())
}

impl ConfirmationBody {
    fn read(self) -> Result<String, Problem> {
        let length = self.order_ref.chars().take(MOST_CHARS + 1).count();
        let fits = (1..=MOST_CHARS).contains(&length) && !self.order_ref.chars().any(char::is_control);
        if fits {
            return Ok(self.order_ref);
        }
        Err(Problem::value(
            "orderRef",
            format!("1 to {MOST_CHARS} characters, none of them a control character"),
        ))
    }
}
