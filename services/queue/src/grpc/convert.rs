//! Messages from and to what the use cases speak of.

use std::time::Duration;

use onsale_grpc_server::status::invalid;
use onsale_proto::queue::v1 as proto;
use onsale_token::{InvalidUserId, Mode, RoomId, UserId};
use tonic::Status;

use crate::{
    domain::Policy,
    store::redis::{House, SessionState},
    waiting_room::{
        JoinRefusal, JoinRequest, Joined, Place, RoomReport, RoomSeen, RoomSynced, Standing, Synced,
    },
};

/// When a full line is worth another try.
const RETRY_FULL_LINE_MS: u32 = 10_000;

/// A join.
pub(super) fn join(item: proto::JoinItem) -> Result<JoinRequest, InvalidUserId> {
    let user = UserId::new(&item.user_id)?;
    Ok(JoinRequest { concert: item.concert_id, user, token: item.token })
}

/// The refusal that an impossible user gets, and no other join of the call.
pub(super) fn invalid_user(_: InvalidUserId) -> proto::JoinResult {
    refused(proto::join_refusal::Reason::InvalidUser, 0, 0)
}

pub(super) fn join_result(outcome: Result<Joined, JoinRefusal>) -> proto::JoinResult {
    use proto::{join_refusal::Reason, join_result::Outcome};
    match outcome {
        Ok(joined) => {
            let joined = proto::Joined { token: joined.token, place: Some(place(joined.place)) };
            proto::JoinResult { outcome: Some(Outcome::Joined(joined)) }
        }
        Err(JoinRefusal::Closed(room)) => refused(Reason::Closed, 0, room.get()),
        Err(JoinRefusal::LineFull(room)) => refused(Reason::LineFull, RETRY_FULL_LINE_MS, room.get()),
    }
}

fn refused(reason: proto::join_refusal::Reason, retry_after_ms: u32, room_id: u64) -> proto::JoinResult {
    let refusal = proto::JoinRefusal { reason: reason.into(), retry_after_ms, room_id };
    proto::JoinResult { outcome: Some(proto::join_result::Outcome::Refusal(refusal)) }
}

pub(super) fn place(place: Place) -> proto::Place {
    let mut message = proto::Place {
        room_id: place.room.get(),
        epoch: place.epoch,
        number: place.number,
        mode: mode_to_proto(place.mode).into(),
        ..proto::Place::default()
    };
    let standing = match place.standing {
        Standing::Waiting { remaining, ready, wait, poll_after_ms } => {
            message.remaining = remaining;
            message.ready = ready;
            message.wait = wait.map(|wait| proto::Wait { p50_ms: wait.p50_ms, p90_ms: wait.p90_ms });
            message.poll_after_ms = u32::try_from(poll_after_ms).unwrap_or(u32::MAX);
            proto::Standing::Waiting
        }
        Standing::Active(session_state) => {
            message.session = session_state.map(session);
            proto::Standing::Active
        }
        Standing::Expired => proto::Standing::Expired,
        Standing::Closed => proto::Standing::Closed,
    };
    message.standing = standing.into();
    message
}

pub(super) fn session(session: SessionState) -> proto::Session {
    proto::Session {
        session_id: session.id,
        started_at_ms: session.started_at_ms,
        expires_at_ms: session.lease_end_ms,
    }
}

/// What a gateway has seen; rooms that cannot be are left out, since a gateway must not be kept from its views.
pub(super) fn seen(seen: &[proto::Seen]) -> Vec<(RoomId, RoomSeen, u64)> {
    let convert = |seen: &proto::Seen| {
        let values = RoomSeen { epoch: seen.epoch, number: seen.number, serving: seen.serving };
        Some((RoomId::new(seen.room_id)?, values, seen.revocation))
    };
    seen.iter().filter_map(convert).collect()
}

pub(super) fn synced(synced: Synced, version_known: &str) -> proto::SyncResponse {
    let house = &synced.house;
    let known = house.version.to_string() == version_known;
    proto::SyncResponse {
        rooms: synced.rooms.into_iter().map(room_view).collect(),
        age_ms: as_ms(synced.age),
        concert_rooms: (!known).then(|| concert_rooms(house)),
    }
}

fn concert_rooms(house: &House) -> proto::ConcertRooms {
    proto::ConcertRooms {
        version: house.version.to_string(),
        room_by_concert: house.room_by_concert.iter().map(|(concert, room)| (*concert, room.get())).collect(),
    }
}

fn room_view(synced: RoomSynced) -> proto::RoomView {
    let view = synced.view;
    proto::RoomView {
        room_id: view.room.get(),
        epoch: view.epoch,
        policy_version: view.policy_version,
        mode: mode_to_proto(view.mode).into(),
        opens_at_ms: view.opens_at_ms.unwrap_or(0),
        serving: view.serving,
        last_number: view.last_number,
        left_waiting: view.left_waiting,
        active: view.active,
        capacity: view.capacity,
        ready: view.ready,
        rate_per_second: view.rate_per_second,
        slots_per_second: view.slots_per_second,
        revoked_numbers: synced.revoked,
        last_revocation: synced.last_revocation,
        revocation_gap: synced.gap,
        renew_after_ms: u32::try_from(synced.renew_after.as_millis()).unwrap_or(u32::MAX),
        max_waiting: view.max_waiting,
        free: view.free,
    }
}

pub(super) fn room(report: RoomReport) -> proto::Room {
    let head = report.head;
    proto::Room {
        room_id: report.room.get(),
        epoch: head.epoch,
        policy: Some(policy_to_proto(&head.policy)),
        policy_version: head.policy_version,
        serving: head.serving,
        last_number: head.seq,
        active: report.active,
        ready: report.ready,
        floor: head.floor,
        concert_ids: report.concerts,
    }
}

fn policy_to_proto(policy: &Policy) -> proto::Policy {
    proto::Policy {
        mode: mode_to_proto(policy.mode).into(),
        opens_at_ms: policy.opens_at_ms.unwrap_or(0),
        rate_per_second: policy.rate_per_second,
        burst: policy.burst,
        capacity: policy.capacity,
        claim_window_ms: as_ms(policy.claim_window),
        return_window_ms: as_ms(policy.return_window),
        lease_ms: as_ms(policy.lease),
        session_cap_ms: as_ms(policy.session_cap),
        max_waiting: policy.max_waiting,
    }
}

/// A policy as an operator sends it; what its fields may be is the domain's to check.
pub(super) fn policy(message: Option<proto::Policy>) -> Result<Policy, Status> {
    let message = message.ok_or_else(|| invalid("policy", "is missing"))?;
    Ok(Policy {
        mode: mode(message.mode())?,
        opens_at_ms: (message.opens_at_ms != 0).then_some(message.opens_at_ms),
        rate_per_second: message.rate_per_second,
        burst: message.burst,
        capacity: message.capacity,
        claim_window: Duration::from_millis(message.claim_window_ms),
        return_window: Duration::from_millis(message.return_window_ms),
        lease: Duration::from_millis(message.lease_ms),
        session_cap: Duration::from_millis(message.session_cap_ms),
        max_waiting: message.max_waiting,
    })
}

fn mode(mode: proto::Mode) -> Result<Mode, Status> {
    match mode {
        proto::Mode::Unspecified => Err(invalid("policy.mode", "is missing or unknown")),
        proto::Mode::Off => Ok(Mode::Off),
        proto::Mode::Prequeue => Ok(Mode::Prequeue),
        proto::Mode::Open => Ok(Mode::Open),
        proto::Mode::Paused => Ok(Mode::Paused),
        proto::Mode::Draining => Ok(Mode::Draining),
        proto::Mode::Closed => Ok(Mode::Closed),
    }
}

fn mode_to_proto(mode: Mode) -> proto::Mode {
    match mode {
        Mode::Off => proto::Mode::Off,
        Mode::Prequeue => proto::Mode::Prequeue,
        Mode::Open => proto::Mode::Open,
        Mode::Paused => proto::Mode::Paused,
        Mode::Draining => proto::Mode::Draining,
        Mode::Closed => proto::Mode::Closed,
    }
}

/// A room that a request names.
pub(super) fn room_id(id: u64) -> Result<RoomId, Status> {
    RoomId::new(id).ok_or_else(|| invalid("room_id", "is 1 to 9223372036854775807"))
}

fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_the_way_there_and_back() {
        for mode in Mode::ALL {
            let policy = Policy { mode, opens_at_ms: Some(1_800_000_000_000), ..Policy::default() };
            assert_eq!(super::policy(Some(policy_to_proto(&policy))).unwrap(), policy);
        }
        assert!(super::policy(None).is_err());
        assert!(super::policy(Some(proto::Policy::default())).is_err(), "a mode must be said");
    }

    #[test]
    fn an_impossible_user_is_refused_alone() {
        let item = |user: &str| proto::JoinItem { user_id: user.to_owned(), ..proto::JoinItem::default() };
        assert!(join(item("ada")).is_ok());
        assert!(join(item("")).is_err());
    }
}
