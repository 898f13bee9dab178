//! The clients of the service that the load-test plan was written for.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    api::{Api, policy, token},
    onsale::Onsale,
};

async fn get(api: &Api, path: &str, token: &str) -> Value {
    Answer::to(api.request(Method::GET, path).header("Token", token)).await.is(200)
}

/// Whether a value is of the right type.
type IsRight = fn(&Value) -> bool;

/// Asserts that an object has these fields, of these types.
#[track_caller]
fn has(object: &Value, fields: &[(&str, IsRight)]) {
    for (name, is_right) in fields {
        assert!(object.get(name).is_some_and(is_right), "{name}: {object}");
    }
}

fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 20 && text.ends_with('Z') && text.contains('T'))
}

#[tokio::test]
async fn they_go_through_the_four_endpoints() {
    let onsale = Onsale::start().await;
    onsale.put_room(1, &policy("open", 1)).await;
    let api = onsale.api();

    let joined = api.join(&json!({"userId": 1})).await.is(201);
    has(&joined, &[("token", Value::is_string)]);
    for body in [json!({"userId": 1}), json!({"userId": "1"})] {
        let again = api.join(&body).await.is(201);
        assert_eq!(again["number"], joined["number"], "the same place each time");
        has(&again, &[("token", Value::is_string)]);
    }
    let first = token(&joined);
    api.until_active(&first).await;
    let status = get(&api, "/api/queues/status?userId=1", &first).await;
    assert_eq!((&status["status"], status.get("remainingQueueCount")), (&json!("ACTIVE"), None));

    for (user, remaining) in [(2, 0), (3, 1)] {
        let token = token(&api.join(&json!({ "userId": user })).await.is(201));
        let status = get(&api, &format!("/api/queues/status?userId={user}"), &token).await;
        assert_eq!(status["status"], "WAITING");
        assert_eq!(status["remainingQueueCount"], remaining);
        let schedules = api.request(Method::GET, "/api/concerts/1/schedules").header("Token", &token);
        Answer::to(schedules).await.is_problem(403, "still-waiting");
    }

    let schedules = get(&api, "/api/concerts/1/schedules", &first).await;
    has(&schedules, &[("concertId", Value::is_u64), ("schedules", Value::is_array)]);
    let schedule = &schedules["schedules"][0];
    has(
        schedule,
        &[("scheduleId", Value::is_u64), ("concertTime", is_time), ("availableReservationTime", is_time)],
    );

    let path = format!("/api/concerts/1/schedules/{}/seats", schedule["scheduleId"]);
    let seats = get(&api, &path, &first).await;
    has(
        &seats,
        &[
            ("concertId", Value::is_u64),
            ("concertTime", is_time),
            ("totalSeats", Value::is_u64),
            ("seats", Value::is_array),
        ],
    );
    assert_eq!(seats["concertTime"], schedule["concertTime"]);
    let available = seats["seats"].as_array().unwrap();
    assert!(!available.is_empty() && available.len() < 50);
    for seat in available {
        has(seat, &[("seatId", Value::is_u64), ("seatNumber", Value::is_u64), ("seatPrice", Value::is_u64)]);
        assert_eq!(seat["status"], "AVAILABLE");
    }
}

/// The original looked seats up by the concert's id.
#[tokio::test]
async fn seats_are_those_of_the_paths_schedule_and_concert() {
    let onsale = Onsale::start().await;
    let api = onsale.api();
    let totals = [(1, 50), (2, 1_000), (3, 15_000)];
    for (schedule, total) in totals {
        let seats = api.get(&format!("/api/concerts/1/schedules/{schedule}/seats?status=ALL")).await.is(200);
        assert_eq!((&seats["scheduleId"], &seats["totalSeats"]), (&json!(schedule), &json!(total)));
        assert_eq!(seats["seats"].as_array().unwrap().len(), total);
    }
    let foreign = api.get("/api/concerts/2/schedules/1/seats").await.is_problem(404, "not-found");
    assert_eq!(foreign["errors"][0]["field"], "concertScheduleId");
}
