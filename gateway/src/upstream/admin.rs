use std::{sync::Arc, time::Duration};

use onsale_proto::queue::v1 as pb;
use onsale_token::RoomId;
use pb::room_admin_service_client::RoomAdminServiceClient;

use crate::{
    failure::{Failure, Service},
    rooms::{Policy, RoomState},
    upstream::{
        copies::{Copies, Repeat, Terms},
        queue::{mode, mode_message, room},
    },
};

/// Running rooms, over any copy of the queue service.
pub(crate) struct AdminClient {
    copies: Arc<Copies>,
    deadline: Duration,
}

impl AdminClient {
    pub(crate) const fn new(copies: Arc<Copies>, deadline: Duration) -> Self {
        Self { copies, deadline }
    }

    /// Every room.
    pub(crate) async fn list(&self) -> Result<Vec<RoomState>, Failure> {
        let send =
            |channel, request| async move { RoomAdminServiceClient::new(channel).list_rooms(request).await };
        let response = self.copies.call(self.terms(Repeat::Once), pb::ListRoomsRequest {}, send).await?;
        response.rooms.into_iter().map(room_state).collect()
    }

    /// One room.
    pub(crate) async fn get(&self, room: RoomId) -> Result<RoomState, Failure> {
        let send =
            |channel, request| async move { RoomAdminServiceClient::new(channel).get_room(request).await };
        let request = pb::GetRoomRequest { room_id: room.get() };
        room_state(self.copies.call(self.terms(Repeat::Once), request, send).await?)
    }

    /// Creates a room, or replaces its policy.
    pub(crate) async fn put(
        &self,
        room: RoomId,
        policy: &Policy,
        expected_version: Option<u64>,
    ) -> Result<RoomState, Failure> {
        let send =
            |channel, request| async move { RoomAdminServiceClient::new(channel).put_room(request).await };
        let request = pb::PutRoomRequest {
            room_id: room.get(),
            policy: Some(policy_message(policy)),
            expected_version,
        };
        // With an expected version the second of two equal changes would be refused.
        let repeat = if expected_version.is_some() { Repeat::Never } else { Repeat::Once };
        room_state(self.copies.call(self.terms(repeat), request, send).await?)
    }

    /// Puts a concert behind a room; without one, back behind the site room.
    pub(crate) async fn set_concert_room(
        &self,
        concert_id: u64,
        room: Option<RoomId>,
    ) -> Result<(), Failure> {
        let send = |channel, request| async move {
            RoomAdminServiceClient::new(channel).set_concert_room(request).await
        };
        let request = pb::SetConcertRoomRequest { concert_id, room_id: room.map_or(0, RoomId::get) };
        self.copies.call(self.terms(Repeat::Once), request, send).await.map(|_| ())
    }

    /// Stands still.
    pub(crate) async fn pause(&self, room: RoomId) -> Result<RoomState, Failure> {
        let send =
            |channel, request| async move { RoomAdminServiceClient::new(channel).pause_room(request).await };
        let request = pb::PauseRoomRequest { room_id: room.get() };
        room_state(self.copies.call(self.terms(Repeat::Never), request, send).await?)
    }

    /// Goes on as before the pause.
    pub(crate) async fn resume(&self, room: RoomId) -> Result<RoomState, Failure> {
        let send =
            |channel, request| async move { RoomAdminServiceClient::new(channel).resume_room(request).await };
        let request = pb::ResumeRoomRequest { room_id: room.get() };
        room_state(self.copies.call(self.terms(Repeat::Never), request, send).await?)
    }

    /// No more numbers.
    pub(crate) async fn drain(&self, room: RoomId) -> Result<RoomState, Failure> {
        let send =
            |channel, request| async move { RoomAdminServiceClient::new(channel).drain_room(request).await };
        let request = pb::DrainRoomRequest { room_id: room.get() };
        room_state(self.copies.call(self.terms(Repeat::Never), request, send).await?)
    }

    /// A new epoch. Sent twice it would end the places of those who came between.
    pub(crate) async fn reset(&self, room: RoomId) -> Result<RoomState, Failure> {
        let send =
            |channel, request| async move { RoomAdminServiceClient::new(channel).reset_room(request).await };
        let request = pb::ResetRoomRequest { room_id: room.get() };
        room_state(self.copies.call(self.terms(Repeat::Never), request, send).await?)
    }

    const fn terms(&self, repeat: Repeat) -> Terms {
        Terms { deadline: self.deadline, repeat }
    }
}

fn room_state(message: pb::Room) -> Result<RoomState, Failure> {
    let policy = message.policy.ok_or_else(|| Failure::wrong_answer(Service::Queue, "policy"))?;
    Ok(RoomState {
        room: room(message.room_id)?,
        epoch: message.epoch,
        policy: policy_value(&policy)?,
        policy_version: message.policy_version,
        serving: message.serving,
        last_number: message.last_number,
        active: message.active,
        ready: message.ready,
        floor: message.floor,
        concerts: message.concert_ids,
    })
}

fn policy_value(policy: &pb::Policy) -> Result<Policy, Failure> {
    Ok(Policy {
        mode: mode(policy.mode())?,
        opens_at_ms: (policy.opens_at_ms != 0).then_some(policy.opens_at_ms),
        rate_per_second: policy.rate_per_second,
        burst: policy.burst,
        capacity: policy.capacity,
        claim_window_ms: policy.claim_window_ms,
        return_window_ms: policy.return_window_ms,
        lease_ms: policy.lease_ms,
        session_cap_ms: policy.session_cap_ms,
        max_waiting: policy.max_waiting,
    })
}

fn policy_message(policy: &Policy) -> pb::Policy {
    pb::Policy {
        mode: mode_message(policy.mode).into(),
        opens_at_ms: policy.opens_at_ms.unwrap_or_default(),
        rate_per_second: policy.rate_per_second,
        burst: policy.burst,
        capacity: policy.capacity,
        claim_window_ms: policy.claim_window_ms,
        return_window_ms: policy.return_window_ms,
        lease_ms: policy.lease_ms,
        session_cap_ms: policy.session_cap_ms,
        max_waiting: policy.max_waiting,
    }
}

#[cfg(test)]
mod tests {
    use onsale_token::Mode;

    use super::*;

    #[test]
    fn a_policy_survives_the_way_there_and_back() {
        let policy = Policy {
            mode: Mode::Prequeue,
            opens_at_ms: Some(5),
            rate_per_second: 2.5,
            burst: 1,
            capacity: 3,
            claim_window_ms: 4,
            return_window_ms: 6,
            lease_ms: 7,
            session_cap_ms: 8,
            max_waiting: 9,
        };
        assert_eq!(policy_value(&policy_message(&policy)), Ok(policy));
    }
}
