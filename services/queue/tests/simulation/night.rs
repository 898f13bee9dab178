use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    time::Duration,
};

use onsale_queue::domain::Policy;
use onsale_token::{Mode, RoomView, Wait};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::room::{Claimed, SimRoom};

const CAPACITY: u32 = 1_000;
const VISITORS: u64 = 20_000;
const MEAN_STAY_S: f64 = 180.0;
const TICK_MS: u64 = 250;
/// Views reach a gateway a sync late.
const SYNC_MS: u64 = 250;
/// Three claim windows and five stays: from then on the room goes by what it has learned.
const WARM_UP_MS: u64 = 900_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Tick,
    Poll(u64),
    End(u64),
}

/// What a night was like, from the end of the warm-up until the line was served.
#[derive(Debug)]
struct Outcome {
    /// The mean share of slots that were taken.
    used: f64,
    /// The most sessions that there ever were.
    most: usize,
    /// Of the waits that were promised, how many were no longer than the p90 promised.
    within_p90: f64,
    /// The same for the p50.
    within_p50: f64,
}

/// What one visitor was promised, and when.
struct Promise {
    at_ms: u64,
    wait: Wait,
}

struct Night {
    room: SimRoom,
    random: StdRng,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    view: RoomView,
    no_shows: f64,
    heard: HashMap<u64, u32>,
    promises: HashMap<u64, Promise>,
    kept: Vec<(bool, bool)>,
    slot_ms: f64,
    from_ms: u64,
    most: usize,
}

fn policy() -> Policy {
    Policy {
        mode: Mode::Open,
        capacity: CAPACITY,
        rate_per_second: 1_000.0,
        burst: 1_000,
        claim_window: Duration::from_mins(5),
        ..Policy::default()
    }
}

impl Night {
    fn new(no_shows: f64, seed: u64) -> Self {
        let mut room = SimRoom::new(policy(), 0);
        let mut random = StdRng::seed_from_u64(seed);
        let mut events = BinaryHeap::from([Reverse((TICK_MS, Event::Tick))]);
        // Everybody presses the button in the first minute.
        for _ in 0..VISITORS {
            let number = room.join();
            events.push(Reverse((random.random_range(0..60_000), Event::Poll(number))));
        }
        let view = room.tick(0);
        Self {
            room,
            random,
            events,
            view,
            no_shows,
            heard: HashMap::new(),
            promises: HashMap::new(),
            kept: Vec::new(),
            slot_ms: 0.0,
            from_ms: 0,
            most: 0,
        }
    }

    fn run(mut self) -> Outcome {
        let mut absent: HashMap<u64, bool> = HashMap::new();
        while let Some(Reverse((now_ms, event))) = self.events.pop() {
            match event {
                Event::Tick => {
                    if self.room.head.serving == self.room.head.seq {
                        break;
                    }
                    self.tick(now_ms);
                }
                Event::Poll(number) => {
                    let stays_away =
                        *absent.entry(number).or_insert_with(|| self.random.random_bool(self.no_shows));
                    if !stays_away {
                        self.poll(number, now_ms);
                    }
                }
                Event::End(number) => self.room.end_session(number),
            }
            self.most = self.most.max(self.room.active.len());
        }
        self.outcome()
    }

    fn tick(&mut self, now_ms: u64) {
        if now_ms >= WARM_UP_MS {
            #[expect(clippy::cast_precision_loss, reason = "a thousand sessions")]
            let active = self.room.active.len() as f64;
            self.slot_ms += active;
            self.from_ms += 1;
        }
        let fresh = self.room.tick(now_ms);
        self.view = fresh;
        self.events.push(Reverse((now_ms + TICK_MS, Event::Tick)));
    }

    fn poll(&mut self, number: u64, now_ms: u64) {
        let jitter = self.random.random_range(-1.0..=1.0);
        let after_ms = if number > self.view.serving {
            let wait = self.view.wait(number, 0);
            if now_ms >= WARM_UP_MS
                && let Some(wait) = wait
            {
                self.promise(number, Promise { at_ms: now_ms, wait });
            }
            self.view.poll_after_ms(wait, jitter)
        } else {
            match self.room.claim(number, now_ms + SYNC_MS / 2) {
                Claimed::Active => return self.admitted(number, now_ms),
                Claimed::Expired => return,
                Claimed::Waiting | Claimed::Ready => self.view.ready_poll_after_ms(jitter),
            }
        };
        self.events.push(Reverse((now_ms + after_ms, Event::Poll(number))));
    }

    /// Of all that a visitor is promised, one promise is kept, drawn by lot: what is promised at one
    /// instant errs in one direction for everybody.
    fn promise(&mut self, number: u64, promise: Promise) {
        let heard = self.heard.entry(number).or_default();
        *heard += 1;
        if self.random.random_ratio(1, *heard) {
            self.promises.insert(number, promise);
        }
    }

    fn admitted(&mut self, number: u64, now_ms: u64) {
        if let Some(promise) = self.promises.remove(&number) {
            let waited_ms = now_ms - promise.at_ms;
            self.kept.push((waited_ms <= promise.wait.p50_ms, waited_ms <= promise.wait.p90_ms));
        }
        let seconds = -MEAN_STAY_S * (1.0 - self.random.random::<f64>()).ln();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a stay of some minutes")]
        let stay_ms = (seconds * 1_000.0) as u64;
        self.events.push(Reverse((now_ms + stay_ms, Event::End(number))));
    }

    #[expect(clippy::cast_precision_loss, reason = "some thousand visitors")]
    fn outcome(self) -> Outcome {
        let share = |kept: usize| kept as f64 / self.kept.len() as f64;
        assert!(self.kept.len() > 5_000, "{}", self.kept.len());
        Outcome {
            used: self.slot_ms / self.from_ms as f64 / f64::from(CAPACITY),
            most: self.most,
            within_p50: share(self.kept.iter().filter(|(p50, _)| *p50).count()),
            within_p90: share(self.kept.iter().filter(|(_, p90)| *p90).count()),
        }
    }
}

#[track_caller]
fn check(no_shows: f64, least_used: f64) {
    let outcomes = [1, 2, 3].map(|seed| Night::new(no_shows, seed).run());
    let mean = |figure: fn(&Outcome) -> f64| outcomes.iter().map(figure).sum::<f64>() / 3.0;
    println!("{no_shows} no-shows: {outcomes:#?}");
    assert!(outcomes.iter().all(|outcome| outcome.used >= least_used));
    assert!(outcomes.iter().all(|outcome| outcome.most <= CAPACITY as usize));
    assert!((0.85..=0.95).contains(&mean(|outcome| outcome.within_p90)));
    assert!((0.35..=0.65).contains(&mean(|outcome| outcome.within_p50)));
}

#[test]
fn with_fifteen_percent_no_shows_nine_slots_in_ten_are_used() {
    check(0.15, 0.90);
}

#[test]
fn with_thirty_five_percent_no_shows_seventeen_slots_in_twenty_are_used() {
    check(0.35, 0.85);
}
