use proptest::prelude::*;

use super::*;
use crate::domain::{StartRange, instant_from_unix_ms};

fn instant(ms: i64) -> OffsetDateTime {
    instant_from_unix_ms(ms, "from_ms").expect("in range")
}

fn query(concert: i64, from: Option<i64>, to: Option<i64>) -> ScheduleQuery {
    ScheduleQuery {
        concert: ConcertId::try_from(concert).expect("positive"),
        starts: StartRange::new(from.map(instant), to.map(instant)).expect("in order"),
    }
}

fn key(micros: i64, id: i64) -> ScheduleKey {
    ScheduleKey {
        starts_at: OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).expect("in range"),
        id: ScheduleId::try_from(id).expect("positive"),
    }
}

proptest! {
    #[test]
    fn a_schedule_cursor_goes_there_and_back(
        concert in 1..=i64::MAX,
        from in proptest::option::of(0..=1_000_000_i64),
        to in proptest::option::of(1_000_000..=2_000_000_i64),
        micros in -62_167_219_200_000_000..=253_402_300_799_999_999_i64,
        id in 1..=i64::MAX,
    ) {
        let cursor = ScheduleCursor::new(query(concert, from, to), key(micros, id));
        prop_assert_eq!(ScheduleCursor::decode(&cursor.encode(), query(concert, from, to)), Ok(cursor));
    }

    #[test]
    fn a_concert_cursor_goes_there_and_back(name in "[^\\x00]{1,200}", id in 1..=i64::MAX) {
        let cursor = ConcertCursor(ConcertKey { name, id: ConcertId::try_from(id).expect("positive") });
        prop_assert_eq!(ConcertCursor::decode(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn no_text_is_a_cursor_that_the_store_cannot_be_asked_for(text in ".{0,80}") {
        let _ = ConcertCursor::decode(&text);
        let _ = ScheduleCursor::decode(&text, query(1, None, None));
    }
}

#[test]
fn a_cursor_is_of_one_query() {
    let cursor = ScheduleCursor::new(query(7, Some(1000), Some(2000)), key(1_500_000, 3)).encode();
    let others = [
        query(8, Some(1000), Some(2000)),
        query(7, Some(1001), Some(2000)),
        query(7, Some(1000), Some(2001)),
        query(7, None, Some(2000)),
        query(7, Some(1000), None),
    ];
    for other in others {
        let refused = Err(Invalid { field: "cursor", problem: Problem::ForeignCursor });
        assert_eq!(ScheduleCursor::decode(&cursor, other), refused);
    }
}

#[test]
fn cursors_of_other_lists_and_other_texts_are_refused() {
    let refused = Invalid { field: "cursor", problem: Problem::NotACursor };
    let concerts =
        ConcertCursor(ConcertKey { name: "x".repeat(32), id: ConcertId::try_from(1_i64).expect("positive") });
    let schedules = ScheduleCursor::new(query(7, None, None), key(1, 3));
    let long = "A".repeat(MAX_LENGTH + 1);
    for text in [concerts.encode().as_str(), "", "x", "!!", long.as_str()] {
        assert_eq!(ScheduleCursor::decode(text, query(7, None, None)), Err(refused), "{text}");
    }
    for text in [schedules.encode().as_str(), "", "x", "!!", long.as_str()] {
        assert_eq!(ConcertCursor::decode(text), Err(refused), "{text}");
    }
}
