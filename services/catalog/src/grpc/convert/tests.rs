use super::*;

#[test]
fn each_wrong_field_is_named() {
    let field = |request| list_schedules(request).err().map(|invalid| invalid.field);
    let right = proto::ListSchedulesRequest { concert_id: 1, ..Default::default() };
    assert_eq!(field(right.clone()), None);
    assert_eq!(field(proto::ListSchedulesRequest { concert_id: 0, ..right.clone() }), Some("concert_id"));
    assert_eq!(
        field(proto::ListSchedulesRequest { concert_id: 1 << 63, ..right.clone() }),
        Some("concert_id")
    );
    assert_eq!(
        field(proto::ListSchedulesRequest { from_ms: Some(i64::MIN), ..right.clone() }),
        Some("from_ms")
    );
    assert_eq!(field(proto::ListSchedulesRequest { to_ms: Some(i64::MAX), ..right.clone() }), Some("to_ms"));
    let backwards = proto::ListSchedulesRequest { from_ms: Some(2), to_ms: Some(1), ..right.clone() };
    assert_eq!(field(backwards), Some("from_ms"));
    assert_eq!(field(proto::ListSchedulesRequest { limit: 201, ..right }), Some("limit"));

    let field = |request| list_seats(request).err().map(|invalid| invalid.field);
    let right = proto::ListSeatsRequest { concert_id: 1, schedule_id: 1, ..Default::default() };
    assert_eq!(field(right.clone()), None);
    assert_eq!(field(proto::ListSeatsRequest { concert_id: u64::MAX, ..right.clone() }), Some("concert_id"));
    assert_eq!(field(proto::ListSeatsRequest { schedule_id: 0, ..right.clone() }), Some("schedule_id"));
    assert_eq!(field(proto::ListSeatsRequest { filter: 3, ..right.clone() }), Some("filter"));
    assert_eq!(field(proto::ListSeatsRequest { filter: -1, ..right.clone() }), Some("filter"));
    assert_eq!(field(proto::ListSeatsRequest { section: "x".repeat(65), ..right }), Some("section"));
}

#[test]
fn what_is_not_given_has_its_default() {
    let seats = proto::ListSeatsRequest { concert_id: 1, schedule_id: 2, ..Default::default() };
    let question = list_seats(seats).expect("right");
    assert_eq!((question.filter, question.section), (SeatFilter::Available, None));

    let schedules = proto::ListSchedulesRequest { concert_id: 1, ..Default::default() };
    let question = list_schedules(schedules).expect("right");
    assert_eq!((question.limit, question.cursor), (PageLimit::DEFAULT, None));
    assert_eq!(question.query.starts, StartRange::default());
}

#[test]
fn an_age_is_rounded_up() {
    assert_eq!(whole_ms(Duration::ZERO), 0);
    assert_eq!(whole_ms(Duration::from_micros(1)), 1);
    assert_eq!(whole_ms(Duration::from_millis(7)), 7);
}
