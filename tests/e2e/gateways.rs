//! Two gateways: neither has anything that the other cannot make up for.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    answer::Answer,
    api::{Api, policy, token},
    onsale::{Onsale, Plan},
    wait::until,
};

async fn pair() -> Onsale {
    Onsale::start_as(Plan { gateways: 2, ..Plan::default() }).await
}

/// What does not change about a place, whoever is asked.
fn place(status: &Value) -> [Value; 4] {
    ["status", "number", "remainingQueueCount", "sessionId"].map(|field| status[field].clone())
}

#[tokio::test]
async fn a_restarted_gateway_knows_everybody_again() {
    let mut onsale = pair().await;
    onsale.put_room(1, &policy("open", 1)).await;
    let apis = [onsale.api(), onsale.api_of(1)];
    let active = apis[0].token("ada").await;
    let session = apis[0].until_active(&active).await;
    let joined = apis[0].join(&json!({"userId": "bob"})).await.is(201);
    let waiting = token(&joined);
    for kill in [true, false] {
        if kill {
            onsale.gateways[0].kill9().unwrap();
        } else {
            assert!(onsale.gateways[0].stop().await.unwrap().success());
        }
        assert!(Answer::try_to(apis[0].request(Method::GET, "/api/concerts")).await.is_err());
        let known = |api: Api| {
            let (session, joined) = (place(&session), place(&joined));
            let (active, waiting) = (active.clone(), waiting.clone());
            async move {
                // A gateway hears of a call by its next sync.
                api.until_active(&active).await;
                assert_eq!(place(&api.status(&active).await.is(200)), session);
                assert_eq!(place(&api.status(&waiting).await.is(200)), joined);
                api.get_with("/api/concerts/1/schedules", &active).await.is(200);
            }
        };
        known(apis[1].clone()).await;
        onsale.gateways[0].restart().await.unwrap();
        onsale.gateways[0].until_ready().await.unwrap();
        known(apis[0].clone()).await;
    }
    apis[1].leave(&active).await.is(204);
    apis[0].until_active(&waiting).await;
}

/// A join as bytes, on a connection of its own.
async fn send_join(port: u16, user: usize) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let body = json!({ "userId": user }).to_string();
    let head = "POST /api/queues/token HTTP/1.1\r\nHost: onsale\r\nContent-Type: application/json";
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// How many connections to a port there are, and how many of them have bytes that nobody has read.
fn connections(port: u16) -> (usize, usize) {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let local = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    let established = rows.filter(|row| row[1].ends_with(&local) && row[3] == "01");
    let unread: Vec<_> = established.map(|row| !row[4].ends_with(":00000000")).collect();
    (unread.len(), unread.iter().filter(|unread| **unread).count())
}

/// The queue stands still while the gateway is told to stop, so that every join is under way just then.
#[tokio::test]
async fn a_gateway_that_stops_answers_what_it_has_taken_on() {
    const JOINS: usize = 20;
    let mut onsale = pair().await;
    onsale.put_room(1, &policy("paused", 1)).await;
    let port = onsale.gateways[0].address("http").unwrap().port();
    let (others, _) = connections(port);
    onsale.queues[0].freeze().unwrap();
    let mut joins = Vec::new();
    for user in 1..=JOINS {
        joins.push(send_join(port, user).await);
    }
    until("the gateway to have read every join", || async { connections(port) == (others + JOINS, 0) }).await;

    let refuses = || async { TcpStream::connect(("127.0.0.1", port)).await.is_err() };
    let (stopped, ()) = tokio::join!(onsale.gateways[0].stop(), async {
        until("the gateway to take on nothing more", refuses).await;
        onsale.queues[0].thaw().unwrap();
    });
    assert!(stopped.unwrap().success());
    for mut join in joins {
        let mut answer = String::new();
        join.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
}
