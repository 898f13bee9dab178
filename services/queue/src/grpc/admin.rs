use std::sync::Arc;

use onsale_grpc_server::{Calls, status::invalid};
use onsale_proto::queue::v1::{
    DrainRoomRequest, GetRoomRequest, ListRoomsRequest, ListRoomsResponse, PauseRoomRequest, PutRoomRequest,
    ResetRoomRequest, ResumeRoomRequest, Room, SetConcertRoomRequest, SetConcertRoomResponse,
    room_admin_service_server::RoomAdminService,
};
use tonic::{Request, Response, Status};

use super::convert;
use crate::{store::redis::ModeChange, waiting_room::WaitingRooms};

/// The operators' service.
#[derive(Clone, Debug)]
pub struct RoomAdminGrpc {
    rooms: Arc<WaitingRooms>,
    calls: Arc<Calls>,
}

impl RoomAdminGrpc {
    /// Runs the rooms.
    #[must_use]
    pub fn new(rooms: Arc<WaitingRooms>, calls: Arc<Calls>) -> Self {
        Self { rooms, calls }
    }

    async fn put(&self, request: PutRoomRequest) -> Result<Room, Status> {
        let room = convert::room_id(request.room_id)?;
        let policy = convert::policy(request.policy)?;
        let put = self.rooms.put_room(room, &policy, request.expected_version).await;
        Ok(convert::room(put?))
    }

    async fn change(&self, room_id: u64, change: ModeChange) -> Result<Room, Status> {
        let room = convert::room_id(room_id)?;
        Ok(convert::room(self.rooms.set_mode(room, change).await?))
    }

    async fn set_room_of_concert(&self, request: SetConcertRoomRequest) -> Result<(), Status> {
        if request.concert_id == 0 || i64::try_from(request.concert_id).is_err() {
            return Err(invalid("concert_id", "is 1 to 9223372036854775807"));
        }
        let room = match request.room_id {
            0 => None,
            id => Some(convert::room_id(id)?),
        };
        Ok(self.rooms.set_concert_room(request.concert_id, room).await?)
    }
}

#[tonic::async_trait]
impl RoomAdminService for RoomAdminGrpc {
    async fn list_rooms(
        &self,
        request: Request<ListRoomsRequest>,
    ) -> Result<Response<ListRoomsResponse>, Status> {
        let work = |_| async move {
            let rooms = self.rooms.list_rooms().await?;
            Ok(ListRoomsResponse { rooms: rooms.into_iter().map(convert::room).collect() })
        };
        self.calls.run("onsale.queue.v1.RoomAdminService/ListRooms", request, work).await
    }

    async fn get_room(&self, request: Request<GetRoomRequest>) -> Result<Response<Room>, Status> {
        let work = |request: GetRoomRequest| async move {
            let room = convert::room_id(request.room_id)?;
            Ok(convert::room(self.rooms.report(room).await?))
        };
        self.calls.run("onsale.queue.v1.RoomAdminService/GetRoom", request, work).await
    }

    async fn put_room(&self, request: Request<PutRoomRequest>) -> Result<Response<Room>, Status> {
        let work = |request| self.put(request);
        self.calls.run("onsale.queue.v1.RoomAdminService/PutRoom", request, work).await
    }

    async fn set_concert_room(
        &self,
        request: Request<SetConcertRoomRequest>,
    ) -> Result<Response<SetConcertRoomResponse>, Status> {
        let work = |request| async move {
            self.set_room_of_concert(request).await.map(|()| SetConcertRoomResponse {})
        };
        self.calls.run("onsale.queue.v1.RoomAdminService/SetConcertRoom", request, work).await
    }

    async fn pause_room(&self, request: Request<PauseRoomRequest>) -> Result<Response<Room>, Status> {
        let work = |request: PauseRoomRequest| self.change(request.room_id, ModeChange::Pause);
        self.calls.run("onsale.queue.v1.RoomAdminService/PauseRoom", request, work).await
    }

    async fn resume_room(&self, request: Request<ResumeRoomRequest>) -> Result<Response<Room>, Status> {
        let work = |request: ResumeRoomRequest| self.change(request.room_id, ModeChange::Resume);
        self.calls.run("onsale.queue.v1.RoomAdminService/ResumeRoom", request, work).await
    }

    async fn drain_room(&self, request: Request<DrainRoomRequest>) -> Result<Response<Room>, Status> {
        let work = |request: DrainRoomRequest| self.change(request.room_id, ModeChange::Drain);
        self.calls.run("onsale.queue.v1.RoomAdminService/DrainRoom", request, work).await
    }

    async fn reset_room(&self, request: Request<ResetRoomRequest>) -> Result<Response<Room>, Status> {
        let work = |request: ResetRoomRequest| async move {
            let room = convert::room_id(request.room_id)?;
            Ok(convert::room(self.rooms.reset(room).await?))
        };
        self.calls.run("onsale.queue.v1.RoomAdminService/ResetRoom", request, work).await
    }
}
