use std::{sync::Arc, time::Duration};

use onsale_token::{RoomId, RoomView};

use super::{WaitingRooms, room::RoomState};
use crate::store::redis::House;

/// The highest values that somebody has seen in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomSeen {
    /// The epoch they belong to.
    pub epoch: u64,
    /// The highest number in a valid token.
    pub number: u64,
    /// The highest serving.
    pub serving: u64,
}

/// A room for a gateway: the view, and what happened to sessions since it last asked.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomSynced {
    /// The view.
    pub view: RoomView,
    /// Numbers whose sessions were ended early, oldest first.
    pub revoked: Vec<u64>,
    /// The last revocation there is.
    pub last_revocation: u64,
    /// Whether some between the caller's last and these are not known any more.
    pub gap: bool,
    /// How long after a renewal the next may wait: a quarter of the lease.
    pub renew_after: Duration,
}

/// What this copy knows.
#[derive(Clone, Debug)]
pub struct Synced {
    /// Every room.
    pub rooms: Vec<RoomSynced>,
    /// How old the oldest of the views is.
    pub age: Duration,
    /// Which concert has which room.
    pub house: Arc<House>,
}

impl RoomSeen {
    /// Takes over what is higher; a later epoch replaces an earlier one.
    pub(super) fn merge(&mut self, other: Self) {
        if other.epoch > self.epoch {
            *self = other;
        } else if other.epoch == self.epoch {
            self.number = self.number.max(other.number);
            self.serving = self.serving.max(other.serving);
        }
    }
}

impl WaitingRooms {
    /// Takes in what a gateway has seen, and tells what this copy knows.
    ///
    /// `seen` comes with the last revocation that the gateway has heard of, 0 for none.
    #[must_use]
    pub fn sync(&self, seen: &[(RoomId, RoomSeen, u64)]) -> Synced {
        for (room, seen, _) in seen {
            if let Ok(room) = self.room(*room) {
                room.see(*seen);
            }
        }
        let heard = |room| seen.iter().find(|(of, ..)| *of == room).map_or(0, |(.., revocation)| *revocation);
        let states: Vec<_> = self.known_rooms().iter().filter_map(|room| room.state().ok()).collect();
        let age = states.iter().map(|state| state.asked_at.elapsed()).max().unwrap_or_default();
        let rooms = states.iter().map(|state| room_synced(state, heard(state.view.room))).collect();
        Synced { rooms, age, house: self.house.load_full() }
    }
}

fn room_synced(state: &RoomState, heard: u64) -> RoomSynced {
    let oldest_kept = state.revocations.front().map_or(state.last_revocation + 1, |kept| kept.revocation);
    RoomSynced {
        view: state.view.clone(),
        revoked: state
            .revocations
            .iter()
            .filter(|kept| kept.revocation > heard)
            .map(|kept| kept.number)
            .collect(),
        last_revocation: state.last_revocation,
        gap: heard > state.last_revocation || heard + 1 < oldest_kept,
        renew_after: state.policy.lease / 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_only_grows_within_an_epoch() {
        let mut seen = RoomSeen { epoch: 2, number: 10, serving: 5 };
        seen.merge(RoomSeen { epoch: 2, number: 8, serving: 6 });
        assert_eq!(seen, RoomSeen { epoch: 2, number: 10, serving: 6 });
        seen.merge(RoomSeen { epoch: 1, number: 99, serving: 99 });
        assert_eq!(seen, RoomSeen { epoch: 2, number: 10, serving: 6 });
        seen.merge(RoomSeen { epoch: 3, number: 1, serving: 0 });
        assert_eq!(seen, RoomSeen { epoch: 3, number: 1, serving: 0 });
    }
}
