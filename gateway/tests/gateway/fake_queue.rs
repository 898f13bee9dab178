//! A queue service that answers as it is told, and counts what it is asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use onsale_proto::queue::v1::{
    self as pb,
    queue_service_server::{QueueService, QueueServiceServer},
    room_admin_service_server::{RoomAdminService, RoomAdminServiceServer},
};
use tonic::{Request, Response, Status, service::Routes};

/// What the service says and has been asked. Copies that share it are copies of one service.
#[derive(Clone, Default)]
pub(crate) struct FakeQueue(Arc<Mutex<Script>>);

/// How the service answers.
#[derive(Default)]
pub(crate) struct Script {
    /// The views of the rooms.
    pub(crate) rooms: Vec<pb::RoomView>,
    pub(crate) age_ms: u64,
    pub(crate) room_by_concert: HashMap<u64, u64>,
    /// Every call is answered with this status.
    pub(crate) failing: Option<Status>,
    /// Every call takes so long.
    pub(crate) delay: Duration,
    pub(crate) place: Option<pb::Place>,
    pub(crate) refusal: Option<pb::JoinRefusal>,
    pub(crate) renewed: Option<pb::Session>,
    pub(crate) room: pb::Room,
    /// How often each method was called.
    pub(crate) calls: HashMap<&'static str, usize>,
    pub(crate) joins: Vec<pb::JoinItem>,
    /// How many joins each call had.
    pub(crate) batches: Vec<usize>,
    pub(crate) synced: Vec<pb::SyncRequest>,
    pub(crate) put: Vec<pb::PutRoomRequest>,
    pub(crate) concert_rooms_set: Vec<pb::SetConcertRoomRequest>,
    /// `grpc-timeout` and `traceparent` of the last status or join call.
    pub(crate) last_metadata: Option<(Option<String>, Option<String>)>,
}

impl FakeQueue {
    /// The site room, open, in epoch 1: 100 of 200 numbers called.
    pub(crate) fn open() -> Self {
        let queue = Self::default();
        queue.script().rooms = vec![site_room()];
        queue.script().room = room(1);
        queue
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    pub(crate) fn calls(&self, method: &str) -> usize {
        self.script().calls.get(method).copied().unwrap_or(0)
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(QueueServiceServer::new(self.clone()))
            .add_service(RoomAdminServiceServer::new(self.clone()))
    }

    /// Waits until the gateway has synced twice from now: what the script says is in its views then.
    pub(crate) async fn synced(&self) {
        let before = self.calls("sync");
        while self.calls("sync") < before + 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn asked(&self, method: &'static str) -> Result<MutexGuard<'_, Script>, Status> {
        let delay = {
            let mut script = self.script();
            *script.calls.entry(method).or_default() += 1;
            script.delay
        };
        tokio::time::sleep(delay).await;
        let script = self.script();
        match &script.failing {
            Some(status) => Err(status.clone()),
            None => Ok(script),
        }
    }

    async fn room(&self, method: &'static str) -> Result<Response<pb::Room>, Status> {
        Ok(Response::new(self.asked(method).await?.room.clone()))
    }
}

/// The site room's view.
pub(crate) fn site_room() -> pb::RoomView {
    pb::RoomView {
        room_id: 1,
        epoch: 1,
        policy_version: 1,
        mode: pb::Mode::Open.into(),
        serving: 100,
        last_number: 200,
        active: 10,
        capacity: 10,
        rate_per_second: 10.0,
        slots_per_second: 2.0,
        renew_after_ms: 15_000,
        max_waiting: 1_000,
        ..Default::default()
    }
}

/// A place in line in the site room.
pub(crate) fn waiting(number: u64, remaining: u64) -> pb::Place {
    pb::Place {
        room_id: 1,
        epoch: 1,
        number,
        standing: pb::Standing::Waiting.into(),
        remaining,
        poll_after_ms: 3_000,
        mode: pb::Mode::Open.into(),
        ..Default::default()
    }
}

/// A session in the site room that ends after so long.
pub(crate) fn active(number: u64, lease: Duration) -> pb::Place {
    pb::Place {
        standing: pb::Standing::Active.into(),
        session: Some(session(lease)),
        poll_after_ms: 0,
        ..waiting(number, 0)
    }
}

pub(crate) fn session(lease: Duration) -> pb::Session {
    let now_ms = crate::world::now_ms();
    pb::Session {
        session_id: "5e55".to_owned(),
        started_at_ms: now_ms,
        expires_at_ms: now_ms + i64::try_from(lease.as_millis()).unwrap(),
    }
}

fn room(room_id: u64) -> pb::Room {
    pb::Room {
        room_id,
        epoch: 1,
        policy: Some(pb::Policy {
            mode: pb::Mode::Open.into(),
            opens_at_ms: 1_798_135_200_000,
            rate_per_second: 2.5,
            burst: 3,
            capacity: 30,
            claim_window_ms: 60_000,
            return_window_ms: 120_000,
            lease_ms: 180_000,
            session_cap_ms: 900_000,
            max_waiting: 5_000,
        }),
        policy_version: 4,
        serving: 100,
        last_number: 200,
        active: 10,
        ready: 1,
        floor: 90,
        concert_ids: vec![7],
    }
}

#[tonic::async_trait]
impl QueueService for FakeQueue {
    async fn join(&self, request: Request<pb::JoinRequest>) -> Result<Response<pb::JoinResponse>, Status> {
        let seen = metadata(&request);
        let joins = request.into_inner().joins;
        let mut script = self.asked("join").await?;
        script.last_metadata = Some(seen);
        script.batches.push(joins.len());
        let results = joins.iter().map(|join| outcome(&script, join)).collect();
        script.joins.extend(joins);
        Ok(Response::new(pb::JoinResponse { results }))
    }

    async fn status(
        &self,
        request: Request<pb::StatusRequest>,
    ) -> Result<Response<pb::StatusResponse>, Status> {
        let seen = metadata(&request);
        let mut script = self.asked("status").await?;
        script.last_metadata = Some(seen);
        Ok(Response::new(pb::StatusResponse { place: script.place.clone() }))
    }

    async fn renew(&self, _: Request<pb::RenewRequest>) -> Result<Response<pb::RenewResponse>, Status> {
        let session = self.asked("renew").await?.renewed.clone();
        match session {
            Some(_) => Ok(Response::new(pb::RenewResponse { session })),
            None => Err(Status::failed_precondition("no session")),
        }
    }

    async fn leave(&self, _: Request<pb::LeaveRequest>) -> Result<Response<pb::LeaveResponse>, Status> {
        drop(self.asked("leave").await?);
        Ok(Response::new(pb::LeaveResponse {}))
    }

    async fn sync(&self, request: Request<pb::SyncRequest>) -> Result<Response<pb::SyncResponse>, Status> {
        let mut script = self.asked("sync").await?;
        script.synced.push(request.into_inner());
        let map =
            pb::ConcertRooms { version: "1".to_owned(), room_by_concert: script.room_by_concert.clone() };
        Ok(Response::new(pb::SyncResponse {
            rooms: script.rooms.clone(),
            age_ms: script.age_ms,
            concert_rooms: Some(map),
        }))
    }
}

fn metadata<T>(request: &Request<T>) -> (Option<String>, Option<String>) {
    let value = |name| request.metadata().get(name).map(|value| value.to_str().unwrap().to_owned());
    (value("grpc-timeout"), value("traceparent"))
}

fn outcome(script: &Script, join: &pb::JoinItem) -> pb::JoinResult {
    use pb::join_result::Outcome;
    let outcome = match &script.refusal {
        Some(refusal) => Outcome::Refusal(*refusal),
        None => Outcome::Joined(pb::Joined {
            token: format!("token of {}", join.user_id),
            place: Some(script.place.clone().unwrap_or_else(|| waiting(201, 100))),
        }),
    };
    pb::JoinResult { outcome: Some(outcome) }
}

#[tonic::async_trait]
impl RoomAdminService for FakeQueue {
    async fn list_rooms(
        &self,
        _: Request<pb::ListRoomsRequest>,
    ) -> Result<Response<pb::ListRoomsResponse>, Status> {
        let rooms = vec![self.asked("list_rooms").await?.room.clone()];
        Ok(Response::new(pb::ListRoomsResponse { rooms }))
    }

    async fn get_room(&self, _: Request<pb::GetRoomRequest>) -> Result<Response<pb::Room>, Status> {
        self.room("get_room").await
    }

    async fn put_room(&self, request: Request<pb::PutRoomRequest>) -> Result<Response<pb::Room>, Status> {
        self.asked("put_room").await?.put.push(request.into_inner());
        self.room("put_room").await
    }

    async fn set_concert_room(
        &self,
        request: Request<pb::SetConcertRoomRequest>,
    ) -> Result<Response<pb::SetConcertRoomResponse>, Status> {
        self.asked("set_concert_room").await?.concert_rooms_set.push(request.into_inner());
        Ok(Response::new(pb::SetConcertRoomResponse {}))
    }

    async fn pause_room(&self, _: Request<pb::PauseRoomRequest>) -> Result<Response<pb::Room>, Status> {
        self.room("pause_room").await
    }

    async fn resume_room(&self, _: Request<pb::ResumeRoomRequest>) -> Result<Response<pb::Room>, Status> {
        self.room("resume_room").await
    }

    async fn drain_room(&self, _: Request<pb::DrainRoomRequest>) -> Result<Response<pb::Room>, Status> {
        self.room("drain_room").await
    }

    async fn reset_room(&self, _: Request<pb::ResetRoomRequest>) -> Result<Response<pb::Room>, Status> {
        self.room("reset_room").await
    }
}
