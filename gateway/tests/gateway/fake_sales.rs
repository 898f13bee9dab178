//! The catalog's selling side: it answers as it is told, and keeps what it was asked.

use std::collections::HashMap;

use onsale_proto::catalog::v1::{
    self as pb,
    sales_service_server::{SalesService, SalesServiceServer},
};
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::fake_catalog::{BEGINS_MS, CONCERT, FakeCatalog, SCHEDULE};

pub(crate) const HOLD: &str = "0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e";
pub(crate) const SALE: &str = "0194f3a1-9e44-7b06-8d52-6a7b8c9d0e1f";
/// What the store's clock says.
pub(crate) const NOW_MS: i64 = BEGINS_MS - 3_600_000;

/// What selling is asked and answers.
#[derive(Default)]
pub(crate) struct SalesScript {
    /// Every call is refused with this.
    pub(crate) refusing: Option<Status>,
    /// The key under which an answer is kept.
    pub(crate) kept_key: Option<String>,
    /// What a key without a kept answer meets.
    pub(crate) kept_failing: Option<Status>,
    pub(crate) holds: Vec<pb::HoldRequest>,
    pub(crate) keys: Vec<pb::HoldKey>,
    pub(crate) extensions: Vec<pb::ExtendRequest>,
    pub(crate) confirmations: Vec<pb::ConfirmRequest>,
    pub(crate) sale_keys: Vec<pb::SaleKey>,
    pub(crate) lists: Vec<pb::ListHoldsRequest>,
}

/// The status that refuses for a reason of the contract.
pub(crate) fn refusal(reason: pb::Refusal, facts: &[(&str, &str)]) -> Status {
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let facts = facts.collect::<HashMap<_, _>>();
    let details = ErrorDetails::with_error_info(reason.as_str_name(), "catalog.onsale", facts);
    Status::with_error_details(Code::FailedPrecondition, "refused", details)
}

/// The status that says that a thing is not there.
pub(crate) fn missing(what: &str) -> Status {
    let details = ErrorDetails::with_resource_info(what, "", "", "no such thing");
    Status::with_error_details(Code::NotFound, "no such thing", details)
}

pub(crate) fn service(catalog: &FakeCatalog) -> SalesServiceServer<FakeCatalog> {
    SalesServiceServer::new(catalog.clone())
}

fn seats() -> Vec<pb::HeldSeat> {
    vec![pb::HeldSeat {
        seat_no: 2,
        price: 8_800,
        section: "Stalls".to_owned(),
        row: "C".to_owned(),
        label: "C 2".to_owned(),
        tier: "A".to_owned(),
    }]
}

fn written() -> pb::Written {
    let blocks = vec![pb::BlockVersion { block: 0, version: 12 }];
    pb::Written { schedule_id: SCHEDULE, epoch: 5, blocks }
}

fn hold(state: pb::HoldState) -> pb::Hold {
    pb::Hold {
        hold_id: HOLD.to_owned(),
        concert_id: CONCERT,
        schedule_id: SCHEDULE,
        state: state.into(),
        seats: seats(),
        amount: 8_800,
        currency: "EUR".to_owned(),
        held_at_ms: NOW_MS,
        ends_at_ms: NOW_MS + 600_000,
        latest_end_ms: NOW_MS + 1_800_000,
        now_ms: NOW_MS,
        sale_id: String::new(),
    }
}

fn hold_answer(state: pb::HoldState, written: Option<pb::Written>) -> Response<pb::HoldAnswer> {
    Response::new(pb::HoldAnswer { hold: Some(hold(state)), written })
}

fn sale_answer(order_ref: &str, cancelled_at_ms: i64) -> Response<pb::SaleAnswer> {
    let sale = pb::Sale {
        sale_id: SALE.to_owned(),
        hold_id: HOLD.to_owned(),
        concert_id: CONCERT,
        schedule_id: SCHEDULE,
        order_ref: order_ref.to_owned(),
        seats: seats(),
        amount: 8_800,
        currency: "EUR".to_owned(),
        sold_at_ms: NOW_MS,
        cancelled_at_ms,
    };
    Response::new(pb::SaleAnswer { sale: Some(sale), written: Some(written()) })
}

impl FakeCatalog {
    /// Counts a call, notes it, and refuses where that is wanted.
    fn sells(&self, method: &'static str, note: impl FnOnce(&mut SalesScript)) -> Result<(), Status> {
        let mut script = self.asked(method)?;
        note(&mut script.sales);
        script.sales.refusing.clone().map_or(Ok(()), Err)
    }
}

#[tonic::async_trait]
impl SalesService for FakeCatalog {
    async fn hold(&self, request: Request<pb::HoldRequest>) -> Result<Response<pb::HoldAnswer>, Status> {
        let request = request.into_inner();
        self.sells("hold", |script| script.holds.push(request.clone()))?;
        if request.kept_answer_only {
            let script = self.script();
            if let Some(status) = &script.sales.kept_failing {
                return Err(status.clone());
            }
            if script.sales.kept_key.as_deref() != Some(&request.idempotency_key) {
                return Err(missing("answer"));
            }
        }
        Ok(hold_answer(pb::HoldState::Held, Some(written())))
    }

    async fn get_hold(&self, request: Request<pb::HoldKey>) -> Result<Response<pb::HoldAnswer>, Status> {
        self.sells("get_hold", |script| script.keys.push(request.into_inner()))?;
        Ok(hold_answer(pb::HoldState::Held, None))
    }

    async fn list_holds(
        &self,
        request: Request<pb::ListHoldsRequest>,
    ) -> Result<Response<pb::ListHoldsResponse>, Status> {
        self.sells("list_holds", |script| script.lists.push(request.into_inner()))?;
        Ok(Response::new(pb::ListHoldsResponse { holds: vec![hold(pb::HoldState::Paying)] }))
    }

    async fn extend(&self, request: Request<pb::ExtendRequest>) -> Result<Response<pb::HoldAnswer>, Status> {
        self.sells("extend", |script| script.extensions.push(request.into_inner()))?;
        Ok(hold_answer(pb::HoldState::Held, Some(written())))
    }

    async fn check_out(&self, request: Request<pb::HoldKey>) -> Result<Response<pb::HoldAnswer>, Status> {
        self.sells("check_out", |script| script.keys.push(request.into_inner()))?;
        Ok(hold_answer(pb::HoldState::Paying, Some(written())))
    }

    async fn confirm(
        &self,
        request: Request<pb::ConfirmRequest>,
    ) -> Result<Response<pb::SaleAnswer>, Status> {
        let request = request.into_inner();
        self.sells("confirm", |script| script.confirmations.push(request.clone()))?;
        Ok(sale_answer(&request.order_ref, 0))
    }

    async fn release(&self, request: Request<pb::HoldKey>) -> Result<Response<pb::HoldAnswer>, Status> {
        self.sells("release", |script| script.keys.push(request.into_inner()))?;
        Ok(hold_answer(pb::HoldState::Released, Some(written())))
    }

    async fn get_sale(&self, request: Request<pb::SaleKey>) -> Result<Response<pb::SaleAnswer>, Status> {
        self.sells("get_sale", |script| script.sale_keys.push(request.into_inner()))?;
        Ok(sale_answer("order-1", 0))
    }

    async fn cancel(&self, request: Request<pb::SaleKey>) -> Result<Response<pb::SaleAnswer>, Status> {
        self.sells("cancel", |script| script.sale_keys.push(request.into_inner()))?;
        Ok(sale_answer("order-1", NOW_MS + 1_000))
    }

    async fn block(
        &self,
        _: Request<pb::HouseSeatsRequest>,
    ) -> Result<Response<pb::HouseSeatsResponse>, Status> {
        Err(Status::unimplemented("the gateway does not block seats"))
    }

    async fn unblock(
        &self,
        _: Request<pb::HouseSeatsRequest>,
    ) -> Result<Response<pb::HouseSeatsResponse>, Status> {
        Err(Status::unimplemented("the gateway does not unblock seats"))
    }
}
