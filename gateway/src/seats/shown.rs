use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use onsale_seat_view::{Figures, Seats, Shown as SeatShown};
use tokio::sync::OnceCell;

use super::{encoded::Encoded, news::Facts, version::SeatsVersion, view::View};
use crate::failure::Failure;

/// A view as it is shown from the end of one hold to that of the next, unless something is written.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) facts: Arc<Facts>,
    pub(crate) seats: Arc<Seats>,
    pub(crate) figures: Figures,
    /// Of the states, prices and times.
    pub(crate) version: String,
    bodies: Mutex<HashMap<Part, Arc<OnceCell<Encoded>>>>,
}

/// What a body has of the seats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Those that can be had, of a section or of all.
    Available(Option<String>),
    /// All, of a section or of all.
    All(Option<String>),
    /// The states.
    States,
}

impl Shown {
    pub(crate) fn new(view: &View, now_us: i64) -> Self {
        let figures = view.seats.figures(now_us);
        let version = SeatsVersion::new(view.facts.schedule, view.seats.vector(), figures).encode();
        let (facts, seats) = (Arc::clone(&view.facts), Arc::clone(&view.seats));
        Self { facts, seats, figures, version, bodies: Mutex::default() }
    }

    /// Whether this is how the view is to be shown at that time of the store.
    pub(crate) fn shows(&self, view: &View, now_us: i64) -> bool {
        Arc::ptr_eq(&self.seats, &view.seats)
            && Arc::ptr_eq(&self.facts, &view.facts)
            && self.figures.last_end_us <= now_us
            && self.figures.next_end_us.is_none_or(|next| now_us < next)
    }

    /// How each seat stands, by number.
    pub(crate) fn states(&self) -> impl Iterator<Item = SeatShown> {
        // Everything that has ended has by then, and nothing else has.
        self.seats.shown(self.figures.last_end_us)
    }

    /// How a seat stands.
    pub(crate) fn state(&self, seat_no: u32) -> Option<SeatShown> {
        self.seats.state(seat_no).map(|state| SeatShown::of(state, self.figures.last_end_us))
    }

    /// The seats that a reader of that version has to be told of, by number; none where that has to be all.
    pub(crate) fn changed_since(&self, version: &SeatsVersion) -> Option<Vec<u32>> {
        if version.schedule != self.facts.schedule {
            return None;
        }
        let mut seats = self.seats.changed_since(&version.vector)?;
        seats.extend(self.seats.ended_between(version.last_end_us, self.figures.last_end_us));
        seats.sort_unstable();
        seats.dedup();
        Some(seats)
    }

    /// A body, encoded by whoever asks for it first.
    pub(crate) async fn body<F, R>(&self, part: Part, encode: F) -> Result<Arc<OnceCell<Encoded>>, Failure>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<Encoded, Failure>>,
    {
        let cell = {
            let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(bodies.entry(part).or_default())
        };
        cell.get_or_try_init(encode).await?;
        Ok(cell)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        time::{Duration, Instant},
    };

    use onsale_seat_view::{SeatChange, SeatState, SeatVector};

    use super::*;
    use crate::seats::{
        NewsOf, SeatNews, Seen,
        view::{Learned, learn},
    };

    fn view(epoch: i64, codes: &[u8], ends: &[i64]) -> View {
        let facts = Facts {
            concert: 7,
            schedule: 71,
            layout: 5,
            starts_at_ms: 0,
            currency: "EUR".to_owned(),
            prices: BTreeMap::new(),
        };
        let vector = SeatVector { epoch, revision: 1, blocks: vec![5] };
        let of = NewsOf::All(facts, Seats::whole(vector, codes, ends).unwrap());
        let news = SeatNews { schedule: 71, age: Duration::ZERO, now_us: 0, of };
        match learn(None, None, news, (Instant::now(), Instant::now())) {
            Learned::View(view) => view,
            other @ (Learned::NotFound | Learned::Nothing) => panic!("{other:?}"),
        }
    }

    fn version(shown: &Shown) -> SeatsVersion {
        match Seen::decode(&shown.version) {
            Some(Seen::View(version)) => version,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_end_of_a_hold_is_another_version_and_a_change() {
        let view = view(1, &[0, 1, 1, 2], &[100, 200]);
        let shown = |now_us| Shown::new(&view, now_us);
        let (before, between, after) = (shown(99), shown(100), shown(500));
        assert!(before.shows(&view, 50) && !before.shows(&view, 100));
        assert!(between.shows(&view, 199) && !between.shows(&view, 99) && after.shows(&view, 200));
        assert_eq!([&before, &between, &after].map(|shown| shown.figures.available), [1, 2, 3]);
        assert_eq!(shown(150).version, between.version, "a function of the states");
        assert_ne!(before.version, between.version);
        assert_eq!(after.changed_since(&version(&before)), Some(vec![2, 3]));
        assert_eq!(after.changed_since(&version(&between)), Some(vec![3]));
        assert_eq!(after.changed_since(&version(&after)), Some(vec![]));
        assert_eq!(between.state(2), Some(SeatShown::Available));
        assert_eq!(between.state(3), Some(SeatShown::Held));
    }

    #[test]
    fn what_cannot_be_told_by_changes_is_told_as_a_whole() {
        let shown = Shown::new(&view(1, &[0, 0], &[]), 0);
        let other = Shown::new(&view(2, &[0, 0], &[]), 0);
        assert_eq!(shown.changed_since(&version(&other)), None);
        let foreign = SeatsVersion { schedule: 72, ..version(&shown) };
        assert_eq!(shown.changed_since(&foreign), None);
        let written = shown.seats.changed(
            SeatVector { epoch: 1, revision: 1, blocks: vec![6] },
            &[SeatChange { seat_no: 2, version: 6, state: SeatState::Sold }],
        );
        let mut after = view(1, &[0, 0], &[]);
        after.seats = Arc::new(written.unwrap());
        assert_eq!(Shown::new(&after, 0).changed_since(&version(&shown)), Some(vec![2]));
    }
}
