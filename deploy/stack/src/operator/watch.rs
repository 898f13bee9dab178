use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::task::JoinHandle;

use super::{Desk, Room};
use crate::{StackError, invariants::Seen};

/// How often a room is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Looks at a room again and again, until it is told to end or dropped.
#[derive(Debug)]
pub struct RoomWatch {
    task: JoinHandle<()>,
    seen: Arc<Mutex<RoomSeen>>,
}

/// What was seen of a room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomSeen {
    /// The most sessions at once.
    pub most_active: u64,
    /// I2: serving never falls, and never runs ahead of the numbers that were given out.
    pub serving: Seen,
    /// I3: never more sessions than capacity, but for those of before it was lowered.
    pub capacity: Seen,
    /// How often nobody answered.
    pub unanswered: usize,
    /// What was seen last.
    pub latest: Option<Room>,
    /// How many sessions there might have been at the last look.
    bound: u64,
}

impl RoomWatch {
    /// Looks at a room from now on.
    #[must_use]
    pub fn start(desk: Desk, room: u64) -> Self {
        let seen = Arc::new(Mutex::new(RoomSeen::default()));
        let noting = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                let looked = desk.room(room).await;
                noting.lock().unwrap_or_else(PoisonError::into_inner).note(looked);
                tokio::time::sleep(LOOK).await;
            }
        });
        Self { task, seen }
    }

    /// What was seen so far.
    #[must_use]
    pub fn seen(&self) -> RoomSeen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks no more, and says what was seen.
    pub async fn end(mut self) -> RoomSeen {
        self.task.abort();
        // It was told to end, and has nothing else to say.
        let _ = (&mut self.task).await;
        self.seen()
    }
}

impl Drop for RoomWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl RoomSeen {
    fn note(&mut self, looked: Result<Room, StackError>) {
        let Ok(room) = looked else {
            // An outage is for others to find out.
            self.unanswered += 1;
            return;
        };
        // A reset begins a line of its own.
        let before = self.latest.take().filter(|before| before.epoch == room.epoch);
        let (active, serving, last) = (room.active, room.serving, room.last_number);
        self.bound = room.capacity().max(before.as_ref().map_or(0, |before| self.left_of(before, &room)));
        self.most_active = self.most_active.max(active);
        let bound = self.bound;
        self.capacity.require(active <= bound, || format!("{active} were in at once, of at most {bound}"));
        let served = before.map_or(0, |before| before.serving);
        self.serving.require(served <= serving && serving <= last, || {
            format!("serving was {served}, and then {serving} of {last} numbers")
        });
        self.latest = Some(room);
    }

    /// How many sessions there may still be of before capacity was lowered: nobody is sent away.
    fn left_of(&self, before: &Room, now: &Room) -> u64 {
        if before.policy_version == now.policy_version { self.bound.min(before.active) } else { self.bound }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A room in which so many are active and served, of a hundred.
    fn room(epoch: u64, active: u64, serving: u64, (policy_version, capacity): (u64, u64)) -> Room {
        Room {
            room_id: 7,
            epoch,
            policy: json!({ "mode": "open", "capacity": capacity }),
            policy_version,
            serving,
            last_number: 100,
            active,
            ready: 0,
            floor: 0,
            concert_ids: Vec::new(),
        }
    }

    fn broken(rooms: impl IntoIterator<Item = Room>) -> (usize, usize) {
        let mut seen = RoomSeen::default();
        rooms.into_iter().for_each(|room| seen.note(Ok(room)));
        (seen.capacity.broken.len(), seen.serving.broken.len())
    }

    #[test]
    fn a_room_over_capacity_and_serving_that_falls_are_seen() {
        let (mut seen, ten) = (RoomSeen::default(), (1, 10));
        for (active, serving) in [(10, 20), (9, 30), (10, 30)] {
            seen.note(Ok(room(1, active, serving, ten)));
        }
        assert_eq!((seen.most_active, seen.capacity.broken.len(), seen.serving.broken.len()), (10, 0, 0));
        seen.note(Ok(room(1, 11, 29, ten)));
        assert_eq!((seen.capacity.broken.len(), seen.serving.broken.len()), (1, 1));
        seen.note(Ok(room(1, 1, 101, ten)));
        assert_eq!((seen.serving.broken.len(), seen.capacity.checked, seen.unanswered), (2, 5, 0));
    }

    #[test]
    fn a_reset_begins_anew_and_an_outage_does_not() {
        let ten = (1, 10);
        assert_eq!(broken([room(1, 0, 50, ten), room(2, 0, 0, ten)]), (0, 0));
        let mut seen = RoomSeen::default();
        seen.note(Ok(room(1, 0, 50, ten)));
        seen.note(Err(StackError::IsDown));
        seen.note(Ok(room(1, 0, 49, ten)));
        assert_eq!((seen.unanswered, seen.serving.broken.len()), (1, 1));
    }

    #[test]
    fn a_lowered_capacity_sends_nobody_away_and_lets_nobody_in() {
        let (ten, five) = ((1, 10), (2, 5));
        let rooms = |actives: &[u64]| {
            let mut rooms = vec![room(1, 8, 0, ten)];
            rooms.extend(actives.iter().map(|active| room(1, *active, 0, five)));
            rooms
        };
        // More may have come between the last look and the change.
        assert_eq!(broken(rooms(&[10, 9, 7, 5, 5])), (0, 0));
        assert_eq!(broken(rooms(&[11])), (1, 0));
        assert_eq!(broken(rooms(&[9, 10])), (1, 0));
        assert_eq!(broken(rooms(&[9, 5, 6])), (1, 0));
    }
}
