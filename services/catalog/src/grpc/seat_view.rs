//! Seat views over gRPC.

mod convert;

use std::sync::Arc;

use onsale_grpc_server::Calls;
use onsale_proto::catalog::v1::{
    GetLayoutRequest, Layout, RefreshSeatsRequest, RefreshSeatsResponse,
    seat_view_service_server::SeatViewService,
};
use tonic::{Request, Response, Status};

use super::status::{of_failure, of_invalid};
use crate::{
    seat_view::{self, SeatViews},
    store::SeatViewStore,
};

/// The service that gateways keep their seat views young with.
#[derive(Clone)]
pub struct SeatViewGrpc {
    views: Arc<SeatViews>,
    store: Arc<dyn SeatViewStore>,
    calls: Arc<Calls>,
}

impl SeatViewGrpc {
    /// Tells of these views, and of the halls in the store.
    #[must_use]
    pub fn new(views: Arc<SeatViews>, store: Arc<dyn SeatViewStore>, calls: Calls) -> Self {
        Self { views, store, calls: Arc::new(calls) }
    }
}

#[tonic::async_trait]
impl SeatViewService for SeatViewGrpc {
    async fn refresh_seats(
        &self,
        request: Request<RefreshSeatsRequest>,
    ) -> Result<Response<RefreshSeatsResponse>, Status> {
        let work = |request| async {
            let asked = convert::watched(request).map_err(of_invalid)?;
            let told = self.views.tell(asked).await.map_err(of_failure)?;
            Ok(convert::refreshed(&told))
        };
        self.calls.run("onsale.catalog.v1.SeatViewService/RefreshSeats", request, work).await
    }

    async fn get_layout(&self, request: Request<GetLayoutRequest>) -> Result<Response<Layout>, Status> {
        let work = |request: GetLayoutRequest| async move {
            let id = convert::layout_id(request.layout_id).map_err(of_invalid)?;
            let layout = seat_view::get_layout(&*self.store, id).await.map_err(of_failure)?;
            Ok(convert::layout(layout))
        };
        self.calls.run("onsale.catalog.v1.SeatViewService/GetLayout", request, work).await
    }
}
