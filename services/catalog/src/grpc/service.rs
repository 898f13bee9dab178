use std::{sync::Arc, time::Instant};

use onsale_grpc_server::Calls;
use onsale_proto::catalog::v1::{
    Concert, GetConcertRequest, ListConcertsRequest, ListConcertsResponse, ListSchedulesRequest,
    ListSchedulesResponse, ListSeatsRequest, ListSeatsResponse, catalog_service_server::CatalogService,
};
use tonic::{Request, Response, Status};

use super::{
    convert,
    status::{of_failure, of_invalid},
};
use crate::{reading, store::CatalogStore};

/// The catalog's service.
#[derive(Clone)]
pub struct CatalogGrpc {
    store: Arc<dyn CatalogStore>,
    calls: Arc<Calls>,
}

impl CatalogGrpc {
    /// Answers from the store.
    #[must_use]
    pub fn new(store: Arc<dyn CatalogStore>, calls: Arc<Calls>) -> Self {
        Self { store, calls }
    }
}

#[tonic::async_trait]
impl CatalogService for CatalogGrpc {
    async fn list_concerts(
        &self,
        request: Request<ListConcertsRequest>,
    ) -> Result<Response<ListConcertsResponse>, Status> {
        let work = |request| async {
            let question = convert::list_concerts(request).map_err(of_invalid)?;
            let page = reading::list_concerts(&*self.store, question).await.map_err(of_failure)?;
            Ok(convert::concerts(page))
        };
        self.calls.run("onsale.catalog.v1.CatalogService/ListConcerts", request, work).await
    }

    async fn get_concert(&self, request: Request<GetConcertRequest>) -> Result<Response<Concert>, Status> {
        let work = |request: GetConcertRequest| async move {
            let id = convert::concert_id(request.concert_id).map_err(of_invalid)?;
            let concert = reading::get_concert(&*self.store, id).await.map_err(of_failure)?;
            Ok(convert::concert(concert))
        };
        self.calls.run("onsale.catalog.v1.CatalogService/GetConcert", request, work).await
    }

    async fn list_schedules(
        &self,
        request: Request<ListSchedulesRequest>,
    ) -> Result<Response<ListSchedulesResponse>, Status> {
        let work = |request| async {
            let question = convert::list_schedules(request).map_err(of_invalid)?;
            let concert = question.query.concert;
            let page = reading::list_schedules(&*self.store, question).await.map_err(of_failure)?;
            Ok(convert::schedules(concert, page))
        };
        self.calls.run("onsale.catalog.v1.CatalogService/ListSchedules", request, work).await
    }

    async fn list_seats(
        &self,
        request: Request<ListSeatsRequest>,
    ) -> Result<Response<ListSeatsResponse>, Status> {
        let work = |request| async {
            let question = convert::list_seats(request).map_err(of_invalid)?;
            let concert = question.concert;
            let list = reading::list_seats(&*self.store, question).await.map_err(of_failure)?;
            Ok(convert::seats(concert, list, Instant::now()))
        };
        self.calls.run("onsale.catalog.v1.CatalogService/ListSeats", request, work).await
    }
}
