use std::time::Duration;

use onsale_proto::{catalog::v1 as catalog, queue::v1 as pb};
use onsale_seat_view::SeatState;
use reqwest::Method;
use serde_json::json;
use tonic::Status;

use crate::{
    fake_catalog::BEGINS_MS,
    fake_queue::{FakeQueue, active},
    world::{Answer, World, token, until},
};

const SEATS: &str = "/api/concerts/7/schedules/71/seats";

/// Nobody has to wait.
async fn without_a_room() -> World {
    let queue = FakeQueue::open();
    queue.script().rooms[0].mode = pb::Mode::Off.into();
    World::start_over(queue, |_| {}).await
}

async fn again(world: &World, path: &str, tag: &str) -> Answer {
    Answer::of(world.request(Method::GET, path).header("if-none-match", tag)).await
}

#[tokio::test]
async fn concerts_are_public() {
    let world = World::start().await;
    let concert = json!({
        "concertId": 7, "name": "Night of the Strings", "performer": "Han River Quartet",
        "venue": "Harbour Hall", "firstAt": "2026-12-24T18:00:00Z"
    });
    let list = world.get("/api/concerts?limit=1").await;
    assert_eq!(list.json(), json!({"concerts": [concert], "nextCursor": "next"}));
    let one = world.get("/api/concerts/7").await;
    assert_eq!(one.json(), concert);
    for (path, answer) in [("/api/concerts?limit=1", list), ("/api/concerts/7", one)] {
        assert_eq!(answer.header("cache-control"), Some("public, max-age=1"));
        let again = again(&world, path, answer.header("etag").unwrap()).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
    }
    world.get("/api/concerts/8").await.names_field(404, "not-found", "concertId");
}

#[tokio::test]
async fn schedules_have_the_fields_that_older_clients_know() {
    let world = without_a_room().await;
    let path = "/api/concerts/7/schedules?from=2026-12-01T00:00:00Z&to=2027-01-01T01:00:00%2B01:00&limit=2";
    let answer = world.get(path).await;
    assert_eq!(
        answer.json(),
        json!({
            "concertId": 7,
            "schedules": [{
                "scheduleId": 71, "concertTime": "2026-12-24T18:00:00Z",
                "availableReservationTime": "2026-12-23T18:00:00Z", "reservationEndTime": "2026-12-24T17:00:00Z",
                "totalSeats": 3, "availableSeats": 2, "lowestPrice": 6_600, "highestPrice": 8_800,
                "currency": "EUR"
            }]
        })
    );
    let asked = world.catalog.script().schedules_asked[0].clone();
    let expected = catalog::ListSchedulesRequest {
        concert_id: 7,
        from_ms: Some(1_796_083_200_000),
        to_ms: Some(1_798_761_600_000),
        limit: 2,
        cursor: String::new(),
    };
    assert_eq!(asked, expected);
    assert_eq!(again(&world, path, answer.header("etag").unwrap()).await.status, 304);
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    assert!(asked.from_ms < Some(BEGINS_MS));
}

#[tokio::test]
async fn seats_have_the_fields_that_older_clients_know() {
    let world = without_a_room().await;
    let seat = |number: u32, status: &str, section: &str| {
        json!({
            "seatId": number, "seatNumber": number, "status": status, "seatPrice": 8_800,
            "section": section, "row": "C", "label": format!("C {number}"), "tier": "A"
        })
    };
    let free = world.get(SEATS).await.json();
    assert_eq!(
        free,
        json!({
            "concertId": 7, "scheduleId": 71, "concertTime": "2026-12-24T18:00:00Z", "totalSeats": 3,
            "version": free["version"], "ageMs": free["ageMs"], "currency": "EUR", "complete": true,
            "seats": [seat(1, "AVAILABLE", "Stalls"), seat(3, "AVAILABLE", "Circle")]
        })
    );
    assert!(free["version"].is_string() && free["ageMs"].as_u64() <= Some(250), "{free}");
    let all = world.get(&format!("{SEATS}?status=ALL&section=Stalls")).await.json();
    assert_eq!(all["seats"], json!([seat(1, "AVAILABLE", "Stalls"), seat(2, "SOLD", "Stalls")]));
    assert_eq!(world.get(&format!("{SEATS}?status=AVAILABLE")).await.json()["seats"], free["seats"]);
}

#[tokio::test]
async fn seats_that_have_not_changed_are_not_sent_again() {
    let world = without_a_room().await;
    let first = world.get(SEATS).await;
    let tag = first.header("etag").unwrap();
    assert!(tag.starts_with("W/"), "the age differs where the states do not: {tag}");
    let same = again(&world, SEATS, &format!("\"of another service\", {tag}")).await;
    assert_eq!((same.status, same.header("etag"), same.text.as_str()), (304, Some(tag), ""));
    world.catalog.script().seats.write(3, SeatState::Sold);
    until(|| async { again(&world, SEATS, tag).await.status == 200 }).await;
    let changed = again(&world, SEATS, tag).await;
    assert_ne!(changed.json()["version"], first.json()["version"]);
    assert_ne!(changed.header("etag"), Some(tag));
}

#[tokio::test]
async fn a_schedule_of_another_concert_is_not_found() {
    let world = without_a_room().await;
    world.get("/api/concerts/7/schedules/72/seats").await.names_field(404, "not-found", "concertScheduleId");
}

#[tokio::test]
async fn while_the_catalog_is_away_reading_is_told_to_come_back() {
    let world = World::start().await;
    world.queue.script().place = Some(active(90, Duration::from_mins(3)));
    world.catalog.script().failing = Some(Status::unavailable("postgres is away"));
    for path in ["/api/concerts", "/api/concerts/7", "/api/concerts/7/schedules", SEATS] {
        let body = world.get_with(path, &token(90)).await.is_problem(503, "unavailable");
        assert_eq!(body["detail"], "the seat catalog does not answer");
    }
    world.catalog.script().failing = None;
    assert_eq!(world.get("/api/concerts").await.status, 200);
}

#[tokio::test]
async fn what_breaks_in_a_service_stays_there() {
    let world = World::start().await;
    world.catalog.script().failing = Some(Status::internal("column secret of table hidden"));
    let answer = world.get("/api/concerts").await;
    answer.is_problem(500, "internal");
    assert!(!answer.text.contains("secret"), "{answer:?}");
}
