//! A catalog service with one concert, one schedule and three seats.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use onsale_proto::catalog::v1::{
    self as pb,
    catalog_service_server::{CatalogService, CatalogServiceServer},
};
use tonic::{Code, Request, Response, Status, service::Routes};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    fake_sales::{self, SalesScript},
    fake_seats::{self, SeatsScript},
};

pub(crate) const CONCERT: u64 = 7;
pub(crate) const SCHEDULE: u64 = 71;
/// When the schedule begins: 2026-12-24T18:00:00Z.
pub(crate) const BEGINS_MS: i64 = 1_798_135_200_000;

#[derive(Clone, Default)]
pub(crate) struct FakeCatalog(Arc<Mutex<Script>>);

#[derive(Default)]
pub(crate) struct Script {
    pub(crate) failing: Option<Status>,
    pub(crate) sales: SalesScript,
    pub(crate) seats: SeatsScript,
    pub(crate) calls: HashMap<&'static str, usize>,
    pub(crate) schedules_asked: Vec<pb::ListSchedulesRequest>,
}

impl FakeCatalog {
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    pub(crate) fn calls(&self, method: &str) -> usize {
        self.script().calls.get(method).copied().unwrap_or(0)
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(CatalogServiceServer::new(self.clone()))
            .add_service(fake_sales::service(self))
            .add_service(fake_seats::service(self))
    }

    pub(crate) fn asked(&self, method: &'static str) -> Result<MutexGuard<'_, Script>, Status> {
        let mut script = self.script();
        *script.calls.entry(method).or_default() += 1;
        match &script.failing {
            Some(status) => Err(status.clone()),
            None => Ok(script),
        }
    }
}

fn concert() -> pb::Concert {
    pb::Concert {
        concert_id: CONCERT,
        name: "Night of the Strings".to_owned(),
        performer: "Han River Quartet".to_owned(),
        venue: "Harbour Hall".to_owned(),
        first_at_ms: BEGINS_MS,
        last_at_ms: 0,
    }
}

fn schedule() -> pb::Schedule {
    pb::Schedule {
        schedule_id: SCHEDULE,
        starts_at_ms: BEGINS_MS,
        sale_opens_at_ms: BEGINS_MS - 86_400_000,
        sale_closes_at_ms: BEGINS_MS - 3_600_000,
        total_seats: 3,
        available_seats: 2,
        lowest_price: 6_600,
        highest_price: 8_800,
        currency: "EUR".to_owned(),
    }
}

fn missing(what: &str) -> Status {
    let details = ErrorDetails::with_resource_info(what, "", "", "no such thing");
    Status::with_error_details(Code::NotFound, "no such thing", details)
}

#[tonic::async_trait]
impl CatalogService for FakeCatalog {
    async fn list_concerts(
        &self,
        request: Request<pb::ListConcertsRequest>,
    ) -> Result<Response<pb::ListConcertsResponse>, Status> {
        drop(self.asked("list_concerts")?);
        if request.get_ref().cursor == "of-another-list" {
            let details = ErrorDetails::with_bad_request_violation("cursor", "is no cursor of this query");
            return Err(Status::with_error_details(Code::InvalidArgument, "no", details));
        }
        let next_cursor = "next".to_owned();
        Ok(Response::new(pb::ListConcertsResponse { concerts: vec![concert()], next_cursor }))
    }

    async fn get_concert(
        &self,
        request: Request<pb::GetConcertRequest>,
    ) -> Result<Response<pb::Concert>, Status> {
        drop(self.asked("get_concert")?);
        if request.get_ref().concert_id == CONCERT {
            Ok(Response::new(concert()))
        } else {
            Err(missing("concert"))
        }
    }

    async fn list_schedules(
        &self,
        request: Request<pb::ListSchedulesRequest>,
    ) -> Result<Response<pb::ListSchedulesResponse>, Status> {
        let request = request.into_inner();
        let concert_id = request.concert_id;
        self.asked("list_schedules")?.schedules_asked.push(request);
        Ok(Response::new(pb::ListSchedulesResponse {
            concert_id,
            schedules: vec![schedule()],
            next_cursor: String::new(),
        }))
    }

    /// Seats are read from views, never by this.
    async fn list_seats(
        &self,
        _: Request<pb::ListSeatsRequest>,
    ) -> Result<Response<pb::ListSeatsResponse>, Status> {
        drop(self.asked("list_seats")?);
        Err(Status::unimplemented("not asked by gateways"))
    }
}
