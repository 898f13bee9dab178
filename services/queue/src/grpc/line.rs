use std::sync::Arc;

use onsale_grpc_server::{Calls, status::invalid};
use onsale_proto::queue::v1::{
    JoinRequest, JoinResponse, JoinResult, LeaveRequest, LeaveResponse, RenewRequest, RenewResponse,
    StatusRequest, StatusResponse, SyncRequest, SyncResponse, queue_service_server::QueueService,
};
use tonic::{Request, Response, Status};

use super::convert;
use crate::waiting_room::WaitingRooms;

/// Joins in one call, as the contract says.
const MOST_JOINS: usize = 512;

/// The line's service.
#[derive(Clone, Debug)]
pub struct QueueGrpc {
    rooms: Arc<WaitingRooms>,
    calls: Arc<Calls>,
}

impl QueueGrpc {
    /// Answers from the rooms.
    #[must_use]
    pub fn new(rooms: Arc<WaitingRooms>, calls: Arc<Calls>) -> Self {
        Self { rooms, calls }
    }

    async fn join_all(&self, request: JoinRequest) -> Result<JoinResponse, Status> {
        if request.joins.len() > MOST_JOINS {
            return Err(invalid("joins", "are 512 at most"));
        }
        let (mut wanted, mut results) = (Vec::new(), Vec::new());
        for (place, item) in request.joins.into_iter().enumerate() {
            match convert::join(item) {
                Ok(join) => {
                    wanted.push((place, join));
                    results.push(JoinResult::default());
                }
                Err(error) => results.push(convert::invalid_user(error)),
            }
        }
        let (places, joins): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        for (place, outcome) in places.into_iter().zip(self.rooms.join(joins).await) {
            // What keeps one from being answered keeps its room's others too: the whole call is retried.
            results[place] = convert::join_result(outcome?);
        }
        Ok(JoinResponse { results })
    }
}

#[tonic::async_trait]
impl QueueService for QueueGrpc {
    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<JoinResponse>, Status> {
        let work = |request| self.join_all(request);
        self.calls.run("onsale.queue.v1.QueueService/Join", request, work).await
    }

    async fn status(&self, request: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let work = |request: StatusRequest| async move {
            let place = self.rooms.status(&request.token).await?;
            Ok(StatusResponse { place: Some(convert::place(place)) })
        };
        self.calls.run("onsale.queue.v1.QueueService/Status", request, work).await
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        let work = |request: RenewRequest| async move {
            let session = self.rooms.renew(&request.token).await?;
            Ok(RenewResponse { session: Some(convert::session(session)) })
        };
        self.calls.run("onsale.queue.v1.QueueService/Renew", request, work).await
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<LeaveResponse>, Status> {
        let work = |request: LeaveRequest| async move {
            self.rooms.leave(&request.token).await?;
            Ok(LeaveResponse {})
        };
        self.calls.run("onsale.queue.v1.QueueService/Leave", request, work).await
    }

    async fn sync(&self, request: Request<SyncRequest>) -> Result<Response<SyncResponse>, Status> {
        let work = |request: SyncRequest| async move {
            let synced = self.rooms.sync(&convert::seen(&request.seen));
            Ok(convert::synced(synced, &request.concert_rooms_version))
        };
        self.calls.run("onsale.queue.v1.QueueService/Sync", request, work).await
    }
}
