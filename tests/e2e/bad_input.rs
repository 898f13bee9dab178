//! Questions that make no sense, through every program that looks at them.

use reqwest::Method;
use serde_json::json;

use crate::{answer::Answer, onsale::Onsale};

#[tokio::test]
async fn each_is_refused_by_name() {
    let onsale = Onsale::start().await;
    let api = onsale.api();
    let cursor = api.get("/api/concerts/1/schedules?limit=1").await.is(200)["nextCursor"].clone();
    let cursor = cursor.as_str().unwrap();
    let (huge, seats) = ("9223372036854775808", "/api/concerts/1/schedules/1/seats");
    for (path, status, field) in [
        ("/api/concerts/one".to_owned(), 400, "concertId"),
        ("/api/concerts/0/schedules".to_owned(), 400, "concertId"),
        ("/api/concerts/-1".to_owned(), 400, "concertId"),
        (format!("/api/concerts/{huge}"), 400, "concertId"),
        (format!("/api/concerts/1/schedules/{huge}/seats"), 400, "concertScheduleId"),
        ("/api/queues/rooms/x".to_owned(), 400, "roomId"),
        ("/api/concerts/1/schedules?limit=0".to_owned(), 400, "limit"),
        ("/api/concerts?limit=100000000000".to_owned(), 400, "limit"),
        ("/api/concerts/1/schedules?from=tomorrow".to_owned(), 400, "from"),
        (
            "/api/concerts/1/schedules?from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z".to_owned(),
            400,
            "from",
        ),
        (format!("{seats}?status=FREE"), 400, "status"),
        (format!("/api/concerts/2/schedules?cursor={cursor}"), 422, "cursor"),
        (format!("/api/concerts?cursor={cursor}"), 422, "cursor"),
        ("/api/concerts/1/schedules?cursor=nonsense".to_owned(), 422, "cursor"),
        ("/api/concerts/999".to_owned(), 404, "concertId"),
        ("/api/concerts/999/schedules".to_owned(), 404, "concertId"),
        ("/api/concerts/2/schedules/1/seats".to_owned(), 404, "concertScheduleId"),
        (format!("{seats}?section=Moon"), 404, "section"),
        ("/api/queues/rooms/99".to_owned(), 404, "roomId"),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{path}: {answer:?}");
    }
    for (body, field) in [
        (json!({"userId": 0}), "userId"),
        (json!({"userId": -1}), "userId"),
        (json!({"userId": ""}), "userId"),
        (json!({"userId": "x".repeat(65)}), "userId"),
        (json!({"userId": [1]}), "userId"),
        (json!({}), "userId"),
        (json!({"userId": 1, "concertId": 0}), "concertId"),
    ] {
        let problem = api.join(&body).await.is_problem(422, "invalid-value");
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    let broken = api.request(Method::POST, "/api/queues/token").header("content-type", "application/json");
    Answer::to(broken.body("{\"userId\":")).await.is_problem(400, "invalid-json");
    let large = json!({"userId": "x".repeat(20_000)});
    api.join(&large).await.is_problem(413, "body-too-large");
    api.get("/api/nothing").await.is_problem(404, "no-such-route");
    Answer::to(api.request(Method::PUT, "/api/concerts")).await.is_problem(405, "method-not-allowed");
    api.get("/api/admin/rooms").await.is_problem(401, "operator-key-required");
}
