use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::{ArcSwap, Guard};
use onsale_token::{QueueToken, RoomId};

use crate::rooms::{ConcertRooms, News, RoomNews, Seen, known::KnownRoom};

/// Every room's view, replaced as a whole by each sync and read without a lock.
#[derive(Debug, Default)]
pub(crate) struct Views {
    current: ArcSwap<Snapshot>,
    /// Valid tokens of epochs that no view tells of: after a loss in the store the clients are the only ones who
    /// remember. Few rooms, and only tokens with a valid signature get here.
    ahead: Mutex<HashMap<RoomId, Ahead>>,
    generations: AtomicU64,
}

#[derive(Clone, Copy, Debug)]
struct Ahead {
    epoch: u64,
    number: u64,
}

/// What was known at one instant.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) rooms: HashMap<RoomId, KnownRoom>,
    pub(crate) concert_rooms: Arc<ConcertRooms>,
    /// When it was true; absent before the first sync.
    taken: Option<Instant>,
}

/// Sessions that a copy says have ended early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Revoked {
    pub(crate) generation: u64,
    pub(crate) numbers: Vec<u64>,
}

impl Snapshot {
    /// How old it is; absent before the first sync.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.taken.map(|taken| taken.elapsed())
    }
}

impl Views {
    /// What is known now. Not to be held across an await.
    pub(crate) fn load(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// Takes over what a copy told when it was asked at `asked`. The answer is which sessions have ended.
    pub(crate) fn learn(&self, news: News, asked: Instant) -> Vec<Revoked> {
        let before = self.current.load_full();
        let told = asked.checked_sub(news.age).unwrap_or(asked);
        let fresher = before.taken.is_none_or(|taken| taken <= told);
        let taken = if fresher { Some(told) } else { before.taken };
        let other_map = news.concert_rooms.filter(|_| fresher);
        let concert_rooms = other_map.map_or_else(|| Arc::clone(&before.concert_rooms), Arc::new);
        // A room that this copy does not know of yet is another copy's news, and stays.
        let mut rooms = before.rooms.clone();
        let mut revoked = Vec::new();
        for mut news in news.rooms {
            let id = news.view.room;
            let numbers = std::mem::take(&mut news.revoked);
            let epoch = news.view.epoch;
            let room = self.learn_room(rooms.get(&id), news, fresher);
            if !numbers.is_empty() && room.view.epoch == epoch {
                revoked.push(Revoked { generation: room.generation, numbers });
            }
            rooms.insert(id, room);
        }
        self.current.store(Arc::new(Snapshot { rooms, concert_rooms, taken }));
        revoked
    }

    fn learn_room(&self, known: Option<&KnownRoom>, news: RoomNews, fresher: bool) -> KnownRoom {
        let next = || self.generations.fetch_add(1, Ordering::Relaxed);
        match known {
            Some(room) => room.learn(news, fresher, next),
            None => KnownRoom::new(news, next()),
        }
    }

    /// Notes a valid token of a room or an epoch that no view tells of.
    pub(crate) fn notice_ahead(&self, token: &QueueToken) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let Ahead { epoch, number } =
            ahead.get(&token.room).copied().unwrap_or(Ahead { epoch: 0, number: 0 });
        let is_news = (token.epoch, token.number) > (epoch, number);
        if is_news {
            ahead.insert(token.room, Ahead { epoch: token.epoch, number: token.number });
        }
    }

    /// The highest values seen, one entry a room, and the version of the concert map.
    pub(crate) fn seen(&self) -> (Vec<Seen>, String) {
        let snapshot = self.current.load();
        let mut seen: HashMap<RoomId, Seen> =
            snapshot.rooms.iter().map(|(id, room)| (*id, room.seen())).collect();
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.retain(|room, ahead| seen.get(room).is_none_or(|known| known.epoch < ahead.epoch));
        for (room, Ahead { epoch, number }) in &*ahead {
            seen.insert(
                *room,
                Seen { room: *room, epoch: *epoch, number: *number, serving: 0, revocation: 0 },
            );
        }
        (seen.into_values().collect(), snapshot.concert_rooms.version.clone())
    }
}

#[cfg(test)]
mod tests {
    use onsale_token::UserId;

    use super::*;
    use crate::rooms::known::tests::news as room_news;

    fn news(rooms: Vec<RoomNews>, age_ms: u64) -> News {
        News { rooms, age: Duration::from_millis(age_ms), concert_rooms: None }
    }

    fn token(room: u64, epoch: u64, number: u64) -> QueueToken {
        QueueToken { room: RoomId::new(room).unwrap(), epoch, number, user: UserId::new("ada").unwrap() }
    }

    #[test]
    fn the_copys_own_age_is_added() {
        let views = Views::default();
        assert_eq!(views.load().age(), None);
        views.learn(news(vec![room_news()], 3_000), Instant::now());
        assert!(views.load().age().unwrap() >= Duration::from_secs(3));
    }

    #[test]
    fn a_copy_that_lags_makes_nothing_younger_or_older() {
        let views = Views::default();
        views.learn(news(vec![room_news()], 0), Instant::now());
        let mut old = room_news();
        old.view.active = 3;
        views.learn(news(vec![old], 60_000), Instant::now());
        let snapshot = views.load();
        assert!(snapshot.age().unwrap() < Duration::from_secs(30));
        assert_eq!(snapshot.rooms[&RoomId::SITE].view.active, 10);
    }

    #[test]
    fn the_map_of_a_copy_that_lags_is_not_taken_over() {
        let views = Views::default();
        let map = |version: &str, room: u64| ConcertRooms {
            version: version.to_owned(),
            room_by_concert: HashMap::from([(7, RoomId::new(room).unwrap())]),
        };
        let told = |map, age_ms| News { concert_rooms: Some(map), ..news(Vec::new(), age_ms) };
        views.learn(told(map("2", 42), 0), Instant::now());
        views.learn(told(map("1", 41), 60_000), Instant::now());
        assert_eq!(views.load().concert_rooms.room_of(7).get(), 42);
        assert_eq!(views.load().concert_rooms.room_of(8), RoomId::SITE);
        assert_eq!(views.seen().1, "2");
    }

    #[test]
    fn a_room_that_one_copy_does_not_name_stays() {
        let views = Views::default();
        views.learn(news(vec![room_news()], 0), Instant::now());
        views.learn(news(Vec::new(), 0), Instant::now());
        assert!(views.load().rooms.contains_key(&RoomId::SITE));
    }

    #[test]
    fn revocations_belong_to_the_generation_of_their_room() {
        let views = Views::default();
        let revoking = |numbers: &[u64]| {
            let mut told = room_news();
            told.revoked = numbers.to_vec();
            told
        };
        views.learn(news(vec![room_news()], 0), Instant::now());
        let revoked = views.learn(news(vec![revoking(&[7, 8])], 0), Instant::now());
        let generation = views.load().rooms[&RoomId::SITE].generation;
        assert_eq!(revoked, [Revoked { generation, numbers: vec![7, 8] }]);
        let mut ended = revoking(&[9]);
        ended.view.epoch = 0;
        assert_eq!(views.learn(news(vec![ended], 0), Instant::now()), []);
    }

    #[test]
    fn tokens_of_epochs_that_the_store_lost_are_handed_up_until_it_is_back() {
        let views = Views::default();
        views.learn(news(vec![room_news()], 0), Instant::now());
        views.notice_ahead(&token(1, 2, 40));
        views.notice_ahead(&token(1, 2, 30));
        views.notice_ahead(&token(9, 1, 5));
        let (mut seen, _) = views.seen();
        seen.sort_by_key(|seen| seen.room);
        let facts: Vec<_> = seen.iter().map(|seen| (seen.room.get(), seen.epoch, seen.number)).collect();
        assert_eq!(facts, [(1, 2, 40), (9, 1, 5)]);
        let mut back = room_news();
        back.view.epoch = 2;
        back.view.last_number = 41;
        views.learn(news(vec![back], 0), Instant::now());
        let (seen, _) = views.seen();
        assert!(seen.iter().any(|seen| (seen.room.get(), seen.epoch, seen.number) == (1, 2, 41)), "{seen:?}");
    }
}
