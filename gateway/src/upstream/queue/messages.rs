//! Messages of the queue service, to domain values and back.

use std::{collections::HashMap, time::Duration};

use onsale_proto::queue::v1 as pb;
use onsale_token::{Mode, RoomId, RoomView, Wait};

use crate::{
    failure::{Failure, Service},
    rooms::{
        ConcertRooms, Join, JoinError, JoinRefusal, Joined, News, Place, RefusalReason, RoomNews, Seen,
        Session, Standing,
    },
};

pub(super) fn join_item(join: Join) -> pb::JoinItem {
    pb::JoinItem {
        concert_id: join.concert.unwrap_or_default(),
        user_id: join.user.as_str().to_owned(),
        token: join.token.unwrap_or_default(),
    }
}

pub(super) fn joined(result: pb::JoinResult) -> Result<Joined, JoinError> {
    use pb::join_result::Outcome;
    match result.outcome {
        Some(Outcome::Joined(joined)) => Ok(Joined { token: joined.token, place: place(joined.place)? }),
        Some(Outcome::Refusal(refusal)) => Err(join_error(&refusal)),
        None => Err(wrong("outcome").into()),
    }
}

fn join_error(refusal: &pb::JoinRefusal) -> JoinError {
    use pb::join_refusal::Reason;
    let reason = match refusal.reason() {
        Reason::Closed => RefusalReason::Closed,
        Reason::LineFull => RefusalReason::LineFull,
        Reason::InvalidUser => RefusalReason::InvalidUser,
        Reason::Unspecified => return wrong("reason").into(),
    };
    let retry_after =
        (refusal.retry_after_ms > 0).then(|| Duration::from_millis(refusal.retry_after_ms.into()));
    JoinError::Refused(JoinRefusal { reason, retry_after, room: RoomId::new(refusal.room_id) })
}

pub(super) fn place(place: Option<pb::Place>) -> Result<Place, Failure> {
    let place = place.ok_or_else(|| wrong("place"))?;
    Ok(Place {
        room: room(place.room_id)?,
        epoch: place.epoch,
        number: place.number,
        mode: mode(place.mode())?,
        standing: standing(place.standing())?,
        remaining: place.remaining,
        ready: place.ready,
        wait: place.wait.map(|wait| Wait { p50_ms: wait.p50_ms, p90_ms: wait.p90_ms }),
        poll_after_ms: (place.poll_after_ms > 0).then(|| place.poll_after_ms.into()),
        session: place.session.map(session),
    })
}

pub(super) fn session(session: pb::Session) -> Session {
    Session { id: session.session_id, expires_at_ms: session.expires_at_ms }
}

pub(super) fn seen(seen: Seen) -> pb::Seen {
    pb::Seen {
        room_id: seen.room.get(),
        epoch: seen.epoch,
        number: seen.number,
        serving: seen.serving,
        revocation: seen.revocation,
    }
}

pub(super) fn news(response: pb::SyncResponse) -> Result<News, Failure> {
    Ok(News {
        rooms: response.rooms.into_iter().map(room_news).collect::<Result<_, _>>()?,
        age: Duration::from_millis(response.age_ms),
        concert_rooms: response.concert_rooms.map(concert_rooms).transpose()?,
    })
}

fn room_news(news: pb::RoomView) -> Result<RoomNews, Failure> {
    Ok(RoomNews {
        view: RoomView {
            room: room(news.room_id)?,
            epoch: news.epoch,
            policy_version: news.policy_version,
            mode: mode(news.mode())?,
            opens_at_ms: (news.opens_at_ms != 0).then_some(news.opens_at_ms),
            serving: news.serving,
            last_number: news.last_number,
            left_waiting: news.left_waiting,
            active: news.active,
            capacity: news.capacity,
            ready: news.ready,
            max_waiting: news.max_waiting,
            free: news.free,
            rate_per_second: news.rate_per_second,
            slots_per_second: news.slots_per_second,
        },
        renew_after: Duration::from_millis(news.renew_after_ms.into()),
        revoked: news.revoked_numbers,
        last_revocation: news.last_revocation,
        revocation_gap: news.revocation_gap,
    })
}

fn concert_rooms(map: pb::ConcertRooms) -> Result<ConcertRooms, Failure> {
    let rooms = map.room_by_concert.into_iter().map(|(concert, id)| Ok((concert, room(id)?)));
    let room_by_concert = rooms.collect::<Result<HashMap<_, _>, Failure>>()?;
    Ok(ConcertRooms { version: map.version, room_by_concert })
}

pub(in crate::upstream) fn room(id: u64) -> Result<RoomId, Failure> {
    RoomId::new(id).ok_or_else(|| wrong("room_id"))
}

pub(in crate::upstream) fn mode(mode: pb::Mode) -> Result<Mode, Failure> {
    match mode {
        pb::Mode::Off => Ok(Mode::Off),
        pb::Mode::Prequeue => Ok(Mode::Prequeue),
        pb::Mode::Open => Ok(Mode::Open),
        pb::Mode::Paused => Ok(Mode::Paused),
        pb::Mode::Draining => Ok(Mode::Draining),
        pb::Mode::Closed => Ok(Mode::Closed),
        pb::Mode::Unspecified => Err(wrong("mode")),
    }
}

pub(in crate::upstream) const fn mode_message(mode: Mode) -> pb::Mode {
    match mode {
        Mode::Off => pb::Mode::Off,
        Mode::Prequeue => pb::Mode::Prequeue,
        Mode::Open => pb::Mode::Open,
        Mode::Paused => pb::Mode::Paused,
        Mode::Draining => pb::Mode::Draining,
        Mode::Closed => pb::Mode::Closed,
    }
}

fn standing(standing: pb::Standing) -> Result<Standing, Failure> {
    match standing {
        pb::Standing::Waiting => Ok(Standing::Waiting),
        pb::Standing::Active => Ok(Standing::Active),
        pb::Standing::Expired => Ok(Standing::Expired),
        pb::Standing::Closed => Ok(Standing::Closed),
        pb::Standing::Unspecified => Err(wrong("standing")),
    }
}

fn wrong(field: &'static str) -> Failure {
    Failure::wrong_answer(Service::Queue, field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_survive_the_way_there_and_back() {
        for each in Mode::ALL {
            assert_eq!(mode(mode_message(each)), Ok(each));
        }
    }

    #[test]
    fn an_answer_that_lacks_something_is_broken_and_says_what() {
        let failure = place(Some(pb::Place { room_id: 1, mode: 3, ..Default::default() })).unwrap_err();
        assert!(failure.to_string().contains("standing"), "{failure}");
        let empty = pb::JoinResult { outcome: None };
        assert!(matches!(joined(empty), Err(JoinError::Failed(Failure::Broken { .. }))));
    }
}
