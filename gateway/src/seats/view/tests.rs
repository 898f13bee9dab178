use std::collections::BTreeMap;

use onsale_seat_view::{SeatChange, SeatState};

use super::*;

fn vector(epoch: i64, blocks: &[u64]) -> SeatVector {
    SeatVector { epoch, revision: 1, blocks: blocks.to_vec() }
}

fn facts() -> Facts {
    let prices = BTreeMap::from([("A".to_owned(), 8_800)]);
    Facts { concert: 7, schedule: 71, layout: 5, starts_at_ms: 0, currency: "EUR".to_owned(), prices }
}

fn all_of(epoch: i64, version: u64, sold: u8) -> NewsOf {
    NewsOf::All(facts(), Seats::whole(vector(epoch, &[version]), &[sold, 0], &[]).unwrap())
}

fn changes(version: u64, state: SeatState) -> NewsOf {
    NewsOf::Changes(vector(1, &[version]), vec![SeatChange { seat_no: 1, version, state }])
}

fn news(of: NewsOf, age_ms: u64, now_us: i64) -> SeatNews {
    SeatNews { schedule: 71, age: Duration::from_millis(age_ms), now_us, of }
}

fn view(learned: Learned) -> View {
    match learned {
        Learned::View(view) => view,
        other @ (Learned::NotFound | Learned::Nothing) => panic!("{other:?}"),
    }
}

fn first(at: Instant) -> View {
    view(learn(None, None, news(all_of(1, 5, 0), 10, 1_000), (at, at)))
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn the_age_is_counted_from_the_call_and_the_copys_is_added() {
    let asked_at = Instant::now() + ms(1_000);
    let told_at = asked_at + ms(30);
    let first = view(learn(None, None, news(all_of(1, 5, 0), 10, 1_000), (asked_at, told_at)));
    assert_eq!(first.age(told_at), ms(40));
    assert_eq!(first.store_now_us(told_at + ms(2)), 3_000);
}

#[test]
fn answers_that_overtake_each_other_take_nothing_back() {
    let at = Instant::now() + ms(1_000);
    let (present, known) = (first(at), vector(1, &[5]));
    let later = (at + ms(50), at + ms(60));
    let eight = view(learn(Some(&present), Some(&known), news(changes(8, SeatState::Sold), 0, 2_000), later));
    assert_eq!((eight.seats.state(1), eight.true_at), (Some(SeatState::Sold), later.0));

    // Asked with the same knowledge, and answered later by a copy that knew less then.
    let news = news(changes(6, SeatState::Blocked), 0, 1_500);
    let still = view(learn(Some(&eight), Some(&known), news, (at + ms(70), at + ms(90))));
    assert_eq!((still.seats.state(1), still.seats.vector()), (Some(SeatState::Sold), eight.seats.vector()));
    assert_eq!(still.true_at, at + ms(70), "what covers more is as true as what covers less");
}

#[test]
fn nothing_new_makes_it_younger_and_never_older() {
    let at = Instant::now() + ms(1_000);
    let (present, known) = (first(at), vector(1, &[5]));
    let told =
        |age, asked| learn(Some(&present), Some(&known), news(NewsOf::Nothing, age, 0), (asked, asked));
    assert_eq!(view(told(0, at + ms(50))).true_at, at + ms(50));
    assert_eq!(view(told(500, at + ms(50))).true_at, present.true_at);
    let of_another = learn(Some(&present), Some(&vector(2, &[5])), news(NewsOf::Nothing, 0, 0), (at, at));
    assert!(matches!(of_another, Learned::Nothing), "what was known then is not what there is");
}

#[test]
fn another_epoch_counts_where_it_was_true_later() {
    let at = Instant::now() + ms(1_000);
    let present = first(at);
    let told = |epoch, age, after| {
        let instants = (at + ms(after), at + ms(after));
        learn(Some(&present), Some(&vector(1, &[5])), news(all_of(epoch, 2, 2), age, 1_000), instants)
    };
    for epoch in [0, 2] {
        assert_eq!(view(told(epoch, 0, 50)).seats.vector(), &vector(epoch, &[2]));
        assert!(matches!(told(epoch, 100, 50), Learned::Nothing), "an answer from before");
    }
    let back = learn(Some(&present), None, news(all_of(1, 4, 2), 0, 1_000), (at + ms(50), at + ms(50)));
    assert_eq!(view(back).seats.vector(), &vector(1, &[5]), "within an epoch nothing goes back");
}

#[test]
fn the_stores_clock_is_the_later_of_estimates_unless_it_was_put_back() {
    let at = Instant::now() + ms(1_000);
    let (present, known) = (first(at), vector(1, &[5]));
    let showing = |now_us| {
        let told = news(NewsOf::Nothing, 0, now_us);
        let instants = (at + ms(50), at + ms(50));
        view(learn(Some(&present), Some(&known), told, instants)).store_now_us(at + ms(50))
    };
    assert_eq!(showing(60_000), 60_000);
    assert_eq!(showing(48_000), 51_000, "told by a copy that is slower to answer");
    assert_eq!(showing(-5_000_000), -5_000_000);
}
