//! Sales: `/api/sales`.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App,
    buyer::Holder,
    holds::{SeatBody, version_of},
    own_refusals::OwnRefusals,
    parameters::{PathText, uuid},
    problem::Problem,
    timestamp::Timestamp,
};
use crate::selling::SaleAnswer;

/// A confirmed hold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sale)]
pub(crate) struct SaleBody {
    #[schema(example = "0194f3a1-9e44-7b06-8d52-6a7b8c9d0e1f")]
    sale_id: Uuid,
    #[schema(example = "0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e")]
    hold_id: Uuid,
    #[schema(example = 7)]
    concert_id: u64,
    #[schema(example = 71)]
    schedule_id: u64,
    /// The shop's own name for the order.
    #[schema(example = "order-4711")]
    order_ref: String,
    state: StateName,
    /// By number.
    seats: Vec<SeatBody>,
    /// What all of it costs, in minor units of the currency, as of the hold.
    #[schema(example = 8800)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    sold_at: Timestamp,
    /// Where it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    /// What this request wrote, as with holds. Absent where nothing was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "AeX6…")]
    version: Option<String>,
}

/// How a sale stands: the seats of a cancelled one are free again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = SaleState)]
enum StateName {
    Sold,
    Cancelled,
}

impl From<SaleAnswer> for SaleBody {
    fn from(SaleAnswer { sale, written }: SaleAnswer) -> Self {
        Self {
            sale_id: sale.id,
            hold_id: sale.hold,
            concert_id: sale.concert,
            schedule_id: sale.schedule,
            order_ref: sale.order_ref,
            state: if sale.cancelled_at_ms.is_some() { StateName::Cancelled } else { StateName::Sold },
            seats: sale.seats.into_iter().map(Into::into).collect(),
            amount: sale.amount,
            currency: sale.currency,
            sold_at: Timestamp(sale.sold_at_ms),
            cancelled_at: sale.cancelled_at_ms.map(Timestamp),
            version: written.as_ref().map(version_of),
        }
    }
}

impl IntoResponse for SaleBody {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], Json(self)).into_response()
    }
}

/// A sale as it stands
///
/// Another buyer's sale is not found.
#[utoipa::path(
    get,
    path = "/api/sales/{saleId}",
    tag = "selling",
    operation_id = "getSale",
    params(("saleId" = Uuid, Path)),
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 200, description = "The sale", body = SaleBody, example = json!({
            "saleId": "0194f3a1-9e44-7b06-8d52-6a7b8c9d0e1f", "holdId": "0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e",
            "concertId": 7, "scheduleId": 71, "orderRef": "order-4711", "state": "SOLD",
            "seats": [{"seatId": 118, "seatNumber": 118, "seatPrice": 8800, "section": "Stalls left", "row": "C",
                "label": "C 18", "tier": "A"}],
            "amount": 8800, "currency": "EUR", "soldAt": "2026-11-22T10:04:31.4Z"
        })),
        OwnRefusals,
    )
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    PathText(sale): PathText<String>,
    Holder(user): Holder,
) -> Result<SaleBody, Problem> {
    let sale = uuid("saleId", &sale)?;
    Ok(SaleBody::from(app.selling.sales().get_sale(&user, sale).await?))
}

/// Take a sale back
///
/// Its seats are free again; the refund is the shop's. Cancelling twice is no error.
#[utoipa::path(
    delete,
    path = "/api/sales/{saleId}",
    tag = "selling",
    operation_id = "cancelSale",
    params(("saleId" = Uuid, Path)),
    security(("queueToken" = []), ("olderToken" = []), ("accessToken" = [])),
    responses(
        (status = 200, description = "The sale, `CANCELLED`", body = SaleBody),
        OwnRefusals,
    )
)]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    PathText(sale): PathText<String>,
    Holder(user): Holder,
) -> Result<SaleBody, Problem> {
    let sale = uuid("saleId", &sale)?;
    Ok(SaleBody::from(app.selling.sales().cancel(&user, sale).await?))
}
