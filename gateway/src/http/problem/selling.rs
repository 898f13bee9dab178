//! What the catalog, or a buyer's own standing, can have against a hold or a sale.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, ProblemType};
use crate::{
    clock,
    http::timestamp::Timestamp,
    selling::{Refusal, SellingError},
};

/// A sale that opens within this is worth waiting for with the page open.
const SOON: Duration = Duration::from_hours(1);

/// What a refusal to sell names besides its kind.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RefusalFacts)]
pub(crate) struct RefusalFacts {
    /// With `seats-taken` the seats that are, by `seatId`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!([118, 119]))]
    seats: Vec<u32>,
    /// With `sale-not-open` when it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<Timestamp>,
    /// With `limit-reached` how many seats of a schedule a buyer may have …
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 6)]
    limit: Option<u32>,
    /// … and how many it has, held and bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    have: Option<u32>,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::SeatsTaken { seats } => Self::new(ProblemType::SeatsTaken)
                .with_facts(RefusalFacts { seats, ..RefusalFacts::default() }),
            Refusal::NotEnoughSeats => Self::new(ProblemType::NotEnoughSeats),
            Refusal::LimitReached { limit, have } => Self::new(ProblemType::LimitReached)
                .with_facts(RefusalFacts { limit, have, ..RefusalFacts::default() }),
            Refusal::SaleNotOpen { opens_at_ms } => not_open(opens_at_ms, clock::now_ms()),
            Refusal::SaleOver => Self::new(ProblemType::SaleOver),
            Refusal::HoldEnded => Self::new(ProblemType::HoldEnded)
                .with_detail("the seats are not the buyer's any more; a payment has to be refunded"),
            Refusal::PaymentBegun => Self::new(ProblemType::PaymentBegun),
            Refusal::HoldSold => {
                Self::new(ProblemType::HoldSold).with_detail("cancel it with DELETE /api/sales/{saleId}")
            }
            Refusal::AnotherOrder => Self::new(ProblemType::AnotherOrder),
            Refusal::KeyReused => Self::new(ProblemType::IdempotencyKeyReused),
        }
    }
}

/// Our clock only says whether to come back soon: the store's decides when the sale is open.
fn not_open(opens_at_ms: Option<i64>, now_ms: i64) -> Problem {
    let facts = RefusalFacts { opens_at: opens_at_ms.map(Timestamp), ..RefusalFacts::default() };
    let problem = Problem::new(ProblemType::SaleNotOpen).with_facts(facts);
    let left =
        opens_at_ms.and_then(|at| u64::try_from(at.saturating_sub(now_ms)).ok()).map(Duration::from_millis);
    match left.filter(|left| *left <= SOON) {
        Some(left) => problem.with_retry_after(left),
        None => problem,
    }
}

impl From<SellingError> for Problem {
    fn from(error: SellingError) -> Self {
        match error {
            SellingError::NotAdmitted(error) => error.into(),
            SellingError::Identity(error) => error.into(),
            SellingError::Failed(failure) => failure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{http::header, response::IntoResponse as _};

    use super::*;

    #[test]
    fn a_sale_that_opens_soon_is_worth_coming_back_for() {
        let retry_after = |opens_at_ms| {
            let headers = not_open(opens_at_ms, 1_000_000).into_response().headers().clone();
            headers.get(header::RETRY_AFTER).map(|seconds| seconds.to_str().unwrap().to_owned())
        };
        assert_eq!(retry_after(Some(1_090_500)).as_deref(), Some("91"));
        assert_eq!(retry_after(Some(1_000_000 + 3_600_001)), None, "tomorrow is for the calendar");
        assert_eq!(retry_after(Some(999_999)), None);
        assert_eq!(retry_after(None), None);
    }
}
