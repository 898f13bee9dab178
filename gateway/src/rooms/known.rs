use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use onsale_token::RoomView;

use crate::rooms::{RoomNews, Seen};

/// What the gateway knows of a room: the view that it pulled last, and what it has seen itself since.
#[derive(Clone, Debug)]
pub(crate) struct KnownRoom {
    pub(crate) view: RoomView,
    pub(crate) renew_after: Duration,
    /// Sessions told under another generation are not remembered any more.
    pub(crate) generation: u64,
    /// The last revocation received.
    revocation: u64,
    noticed: Arc<Noticed>,
}

/// The highest values noticed in one epoch of a room outside of syncs. Written by every poll, hence shared
/// between one sync's view and the next one's.
#[derive(Debug, Default)]
struct Noticed {
    number: AtomicU64,
    serving: AtomicU64,
}

impl KnownRoom {
    /// A room in an epoch that nothing was known of.
    pub(crate) fn new(news: RoomNews, generation: u64) -> Self {
        Self {
            view: news.view,
            renew_after: news.renew_after,
            generation,
            revocation: news.last_revocation,
            noticed: Arc::default(),
        }
    }

    /// What is known after `news`, which were told when they were `fresher` than what was known before, or not.
    ///
    /// Copies differ by some hundred milliseconds. Whichever is asked, an epoch does not come back, a policy does
    /// not return to what it was, and serving does not fall.
    pub(crate) fn learn(&self, news: RoomNews, fresher: bool, next_generation: impl FnOnce() -> u64) -> Self {
        if news.view.epoch < self.view.epoch {
            return self.clone();
        }
        if news.view.epoch > self.view.epoch {
            return Self::new(news, next_generation());
        }
        let serving = self.serving().max(news.view.serving);
        let last_number = self.view.last_number.max(news.view.last_number);
        let takes_over = fresher && news.view.policy_version >= self.view.policy_version;
        let view = if takes_over { news.view } else { self.view.clone() };
        Self {
            view: RoomView { serving, last_number: last_number.max(serving), ..view },
            renew_after: news.renew_after,
            generation: if news.revocation_gap { next_generation() } else { self.generation },
            revocation: self.revocation.max(news.last_revocation),
            noticed: Arc::clone(&self.noticed),
        }
    }

    /// The highest number known to be called.
    pub(crate) fn serving(&self) -> u64 {
        self.view.serving.max(self.noticed.serving.load(Ordering::Relaxed))
    }

    /// The view, with the highest serving value known.
    pub(crate) fn current(&self) -> Cow<'_, RoomView> {
        let serving = self.serving();
        if serving == self.view.serving {
            return Cow::Borrowed(&self.view);
        }
        let last_number = self.view.last_number.max(serving);
        Cow::Owned(RoomView { serving, last_number, ..self.view.clone() })
    }

    /// Notes a number that was issued.
    pub(crate) fn notice_number(&self, number: u64) {
        raise(&self.noticed.number, number);
    }

    /// Notes a number that was called.
    pub(crate) fn notice_serving(&self, serving: u64) {
        raise(&self.noticed.serving, serving);
    }

    /// The highest values known, to be handed up.
    pub(crate) fn seen(&self) -> Seen {
        Seen {
            room: self.view.room,
            epoch: self.view.epoch,
            number: self.view.last_number.max(self.noticed.number.load(Ordering::Relaxed)),
            serving: self.serving(),
            revocation: self.revocation,
        }
    }
}

/// Most values are no news: reading keeps the line shared between cores.
fn raise(highest: &AtomicU64, value: u64) {
    if highest.load(Ordering::Relaxed) < value {
        highest.fetch_max(value, Ordering::Relaxed);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use onsale_token::{Mode, RoomId};

    use super::*;

    /// News of the site room in epoch 1, open, 100 of 200 numbers called.
    pub(crate) fn news() -> RoomNews {
        RoomNews {
            view: RoomView {
                room: RoomId::SITE,
                epoch: 1,
                policy_version: 1,
                mode: Mode::Open,
                opens_at_ms: None,
                serving: 100,
                last_number: 200,
                left_waiting: 0,
                active: 10,
                capacity: 10,
                ready: 0,
                max_waiting: 1_000,
                free: 0,
                rate_per_second: 10.0,
                slots_per_second: 2.0,
            },
            renew_after: Duration::from_secs(15),
            revoked: Vec::new(),
            last_revocation: 4,
            revocation_gap: false,
        }
    }

    fn with(change: impl FnOnce(&mut RoomNews)) -> RoomNews {
        let mut changed = news();
        change(&mut changed);
        changed
    }

    fn never() -> u64 {
        panic!("the generation stays")
    }

    #[test]
    fn serving_never_falls_in_an_epoch() {
        let room = KnownRoom::new(news(), 1);
        let learned = room.learn(with(|news| news.view.serving = 90), true, never);
        assert_eq!(learned.current().serving, 100);
        learned.notice_serving(150);
        assert_eq!(learned.current().serving, 150);
        assert_eq!(learned.learn(news(), true, never).view.serving, 150);
    }

    #[test]
    fn a_new_epoch_begins_anew_and_an_old_one_does_not_come_back() {
        let room = KnownRoom::new(news(), 1);
        room.notice_number(500);
        let reset = room.learn(
            with(|news| {
                news.view.epoch = 2;
                news.view.serving = 0;
                news.view.last_number = 0;
            }),
            true,
            || 2,
        );
        assert_eq!((reset.serving(), reset.seen().number, reset.generation), (0, 0, 2));
        assert_eq!(reset.learn(news(), true, never).view.epoch, 2);
    }

    #[test]
    fn an_older_policy_or_an_older_view_does_not_take_over() {
        let room = KnownRoom::new(with(|news| news.view.policy_version = 3), 1);
        let older = |news: &mut RoomNews| {
            news.view.mode = Mode::Paused;
            news.view.serving = 120;
        };
        let learned = room.learn(with(older), true, never);
        assert_eq!((learned.view.mode, learned.view.serving), (Mode::Open, 120));
        let late = with(|news| {
            older(news);
            news.view.policy_version = 3;
        });
        assert_eq!(room.learn(late.clone(), false, never).view.mode, Mode::Open);
        assert_eq!(room.learn(late, true, never).view.mode, Mode::Paused);
    }

    #[test]
    fn a_gap_in_revocations_makes_another_generation() {
        let room = KnownRoom::new(news(), 1);
        let learned = room.learn(
            with(|news| {
                news.revocation_gap = true;
                news.last_revocation = 90;
            }),
            true,
            || 2,
        );
        assert_eq!((learned.generation, learned.seen().revocation), (2, 90));
    }

    #[test]
    fn what_is_handed_up_is_the_highest_seen() {
        let room = KnownRoom::new(news(), 1);
        assert_eq!(room.seen().number, 200);
        room.notice_number(250);
        room.notice_number(240);
        let expected = Seen { room: RoomId::SITE, epoch: 1, number: 250, serving: 100, revocation: 4 };
        assert_eq!(room.seen(), expected);
    }
}
