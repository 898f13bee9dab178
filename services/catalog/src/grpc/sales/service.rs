use std::sync::Arc;

use onsale_grpc_server::Calls;
use onsale_proto::catalog::v1::{
    ConfirmRequest, ExtendRequest, HoldAnswer, HoldKey, HoldRequest, HouseSeatsRequest, HouseSeatsResponse,
    ListHoldsRequest, ListHoldsResponse, SaleAnswer, SaleKey, sales_service_server::SalesService,
};
use tonic::{Request, Response, Status};

use super::convert;
use crate::{
    domain::{self, HoldTimes},
    grpc::status::{of_invalid, of_sales_error},
    metrics::{Operation, SalesMetrics},
    sales::{self, SalesError, SeatingPlans},
    store::{BestAvailableStore, HouseSeatsStore, SalesStore},
};

/// The service of selling.
#[derive(Clone)]
pub struct SalesGrpc {
    store: Arc<dyn SalesStore>,
    house: Arc<dyn HouseStore>,
    plans: SeatingPlans,
    times: HoldTimes,
    calls: Arc<Calls>,
    metrics: SalesMetrics,
}

/// What picks seats for buyers, and what keeps them back.
pub trait HouseStore: BestAvailableStore + HouseSeatsStore {}

impl<S: BestAvailableStore + HouseSeatsStore> HouseStore for S {}

impl SalesGrpc {
    /// Sells what the store has; things last as long as `times` says.
    #[must_use]
    pub fn new(
        store: Arc<impl SalesStore + HouseStore + 'static>,
        times: HoldTimes,
        calls: Arc<Calls>,
        metrics: SalesMetrics,
    ) -> Self {
        Self { store: store.clone(), house: store, plans: SeatingPlans::new(), times, calls, metrics }
    }

    async fn hold_or_tell(&self, request: convert::HoldRequest) -> Result<domain::HoldAnswer, SalesError> {
        match request {
            convert::HoldRequest::Named(named) => sales::hold_named(&*self.store, self.times, named).await,
            convert::HoldRequest::Kept(buyer, keyed) => sales::kept_hold(&*self.store, buyer, keyed).await,
            convert::HoldRequest::Best(best) => {
                sales::hold_best(&*self.house, &self.plans, self.times, best, rand::random()).await
            }
        }
    }
}

#[tonic::async_trait]
impl SalesService for SalesGrpc {
    async fn hold(&self, request: Request<HoldRequest>) -> Result<Response<HoldAnswer>, Status> {
        let work = |request| async {
            let operation = convert::hold_operation(&request);
            let wanted = convert::hold(request).map_err(of_invalid)?;
            let outcome = self.metrics.measured(operation, self.hold_or_tell(wanted)).await;
            outcome.map(convert::hold_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/Hold", request, work).await
    }

    async fn get_hold(&self, request: Request<HoldKey>) -> Result<Response<HoldAnswer>, Status> {
        let work = |request| async {
            let own = convert::own_hold("GetHold", request).map_err(of_invalid)?;
            let hold = sales::get_hold(&*self.store, own).await.map_err(of_sales_error)?;
            Ok(HoldAnswer { hold: Some(convert::told_hold(hold)), written: None })
        };
        self.calls.run("onsale.catalog.v1.SalesService/GetHold", request, work).await
    }

    async fn list_holds(
        &self,
        request: Request<ListHoldsRequest>,
    ) -> Result<Response<ListHoldsResponse>, Status> {
        let work = |request: ListHoldsRequest| async {
            let buyer = convert::buyer(request.buyer).map_err(of_invalid)?;
            let holds = sales::list_holds(&*self.store, buyer).await.map_err(of_sales_error)?;
            Ok(ListHoldsResponse { holds: holds.into_iter().map(convert::told_hold).collect() })
        };
        self.calls.run("onsale.catalog.v1.SalesService/ListHolds", request, work).await
    }

    async fn extend(&self, request: Request<ExtendRequest>) -> Result<Response<HoldAnswer>, Status> {
        let work = |request| async {
            let own = convert::extend(request).map_err(of_invalid)?;
            let work = sales::extend(&*self.store, self.times, own);
            let outcome = self.metrics.measured(Operation::Extend, work).await;
            outcome.map(convert::hold_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/Extend", request, work).await
    }

    async fn check_out(&self, request: Request<HoldKey>) -> Result<Response<HoldAnswer>, Status> {
        let work = |request| async {
            let own = convert::own_hold("CheckOut", request).map_err(of_invalid)?;
            let work = sales::check_out(&*self.store, self.times, own);
            let outcome = self.metrics.measured(Operation::CheckOut, work).await;
            outcome.map(convert::hold_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/CheckOut", request, work).await
    }

    async fn confirm(&self, request: Request<ConfirmRequest>) -> Result<Response<SaleAnswer>, Status> {
        let work = |request| async {
            let confirmation = convert::confirm(request).map_err(of_invalid)?;
            let work = sales::confirm(&*self.store, confirmation);
            let outcome = self.metrics.measured(Operation::Confirm, work).await;
            outcome.map(convert::sale_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/Confirm", request, work).await
    }

    async fn release(&self, request: Request<HoldKey>) -> Result<Response<HoldAnswer>, Status> {
        let work = |request| async {
            let own = convert::own_hold("Release", request).map_err(of_invalid)?;
            let work = sales::release(&*self.store, own);
            let outcome = self.metrics.measured(Operation::Release, work).await;
            outcome.map(convert::hold_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/Release", request, work).await
    }

    async fn get_sale(&self, request: Request<SaleKey>) -> Result<Response<SaleAnswer>, Status> {
        let work = |request| async {
            let own = convert::own_sale(request).map_err(of_invalid)?;
            let outcome = sales::get_sale(&*self.store, own).await;
            outcome.map(convert::sale_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/GetSale", request, work).await
    }

    async fn cancel(&self, request: Request<SaleKey>) -> Result<Response<SaleAnswer>, Status> {
        let work = |request| async {
            let own = convert::own_sale(request).map_err(of_invalid)?;
            let work = sales::cancel(&*self.store, own);
            let outcome = self.metrics.measured(Operation::Cancel, work).await;
            outcome.map(convert::sale_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/Cancel", request, work).await
    }

    async fn block(
        &self,
        request: Request<HouseSeatsRequest>,
    ) -> Result<Response<HouseSeatsResponse>, Status> {
        let work = |request| async move {
            let seats = convert::house_seats(&request).map_err(of_invalid)?;
            let work = sales::block(&*self.house, seats);
            let outcome = self.metrics.measured(Operation::Block, work).await;
            outcome.map(convert::house_seats_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/Block", request, work).await
    }

    async fn unblock(
        &self,
        request: Request<HouseSeatsRequest>,
    ) -> Result<Response<HouseSeatsResponse>, Status> {
        let work = |request| async move {
            let seats = convert::house_seats(&request).map_err(of_invalid)?;
            let work = sales::unblock(&*self.house, seats);
            let outcome = self.metrics.measured(Operation::Unblock, work).await;
            outcome.map(convert::house_seats_answer).map_err(of_sales_error)
        };
        self.calls.run("onsale.catalog.v1.SalesService/Unblock", request, work).await
    }
}
