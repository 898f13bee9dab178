//! What waiting costs: nothing.

use std::{collections::BTreeMap, time::Instant};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use crate::{
    api::policy,
    metrics::{calls, counted},
    onsale::Onsale,
    wait::until,
};

const POLLS: usize = 10_000;
const CLIENTS: usize = 16;
const METHODS: [&str; 4] = ["Join", "Status", "Renew", "Leave"];

/// How many commands Redis has carried out, those of scripts among them, by its own count.
async fn commands(onsale: &Onsale) -> u64 {
    let mut stream = TcpStream::connect(("127.0.0.1", onsale.redis.port())).await.unwrap();
    stream.write_all(b"INFO stats\r\nQUIT\r\n").await.unwrap();
    let mut info = String::new();
    stream.read_to_string(&mut info).await.unwrap();
    let count = info.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
    count.unwrap().trim().parse().unwrap()
}

async fn calls_by_method(onsale: &Onsale) -> BTreeMap<&'static str, f64> {
    let mut counts = BTreeMap::new();
    for method in METHODS {
        counts.insert(method, calls(&onsale.queues[0], method).await);
    }
    counts
}

/// Polls by many clients at once. Each sends its polls without waiting for the answers, so that it is the gateway
/// that has to keep up, and closes with the last.
async fn poll(address: &str, tokens: &[String]) -> usize {
    let clients = (0..CLIENTS).map(|client| {
        let polls =
            (0..POLLS / CLIENTS).map(|nth| request(&tokens[(client + nth) % tokens.len()], "keep-alive"));
        let last = request(&tokens[client], "close");
        let (polls, address) = (polls.skip(1).chain([last]).collect::<String>(), address.to_owned());
        tokio::spawn(async move {
            let (mut answers, mut requests) = TcpStream::connect(address).await.unwrap().into_split();
            let mut text = String::new();
            tokio::try_join!(requests.write_all(polls.as_bytes()), answers.read_to_string(&mut text))
                .unwrap();
            text.matches("\"status\":\"WAITING\"").count()
        })
    });
    let mut waiting = 0;
    for client in clients.collect::<Vec<_>>() {
        waiting += client.await.unwrap();
    }
    waiting
}

fn request(token: &str, connection: &str) -> String {
    format!(
        "GET /api/queues/status HTTP/1.1\r\nHost: onsale\r\nConnection: {connection}\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    )
}

/// The counts that are to stand still do count: one who is called asks the queue and Redis with each poll.
async fn the_called_do_cost_something(onsale: &Onsale, called: &str) {
    const ASKED: u32 = 20;
    let api = onsale.api();
    onsale.put_room(1, &policy("open", 2)).await;
    let is_called = || async { api.get("/api/queues/rooms/1").await.json()["serving"] == json!(2) };
    until("the next one to be called", is_called).await;
    // The slot is gone when the visitor comes.
    onsale.put_room(1, &policy("open", 1)).await;
    let before = calls_by_method(onsale).await["Status"];
    for _ in 0..ASKED {
        let place = api.status(called).await.is(200);
        assert_eq!((&place["status"], &place["ready"]), (&json!("WAITING"), &json!(true)));
    }
    let asked = calls_by_method(onsale).await["Status"] - before;
    assert!((asked - f64::from(ASKED)).abs() < 0.5, "{asked} calls");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_polls_cost_redis_and_the_queue_nothing() {
    let onsale = Onsale::start().await;
    onsale.put_room(1, &policy("open", 1)).await;
    let api = onsale.api();
    let first = api.token("first").await;
    api.until_active(&first).await;
    let mut tokens = Vec::new();
    for user in 0..50 {
        tokens.push(api.token(&format!("user {user}")).await);
    }
    let last_is_known = || async {
        let room = api.get("/api/queues/rooms/1").await.json();
        room["lastNumber"] == json!(51)
    };
    until("the gateway to know the line", last_is_known).await;

    let gateway = &onsale.gateways[0];
    let from_view = || counted(gateway, "onsale_gateway_status_answers_total", &["view"]);
    let before = (commands(&onsale).await, calls_by_method(&onsale).await, from_view().await);
    let began_at = Instant::now();
    let waiting = poll(api.address().strip_prefix("http://").unwrap(), &tokens).await;
    let stretch = began_at.elapsed();
    let after = (commands(&onsale).await, calls_by_method(&onsale).await, from_view().await);

    // As long again with nobody there but those who look after the rooms.
    let (idle_from, idle_began_at) = (commands(&onsale).await, Instant::now());
    sleep(stretch.saturating_sub(idle_began_at.elapsed())).await;
    let idle = commands(&onsale).await - idle_from;

    let polled = after.0 - before.0;
    println!("{POLLS} polls in {stretch:?}: {polled} commands, {idle} without them");
    assert_eq!(waiting, POLLS);
    assert_eq!(after.1, before.1, "no call of a visitor's");
    assert!((after.2 - before.2 - 10_000.0).abs() < 0.5, "answered from the view: {}", after.2 - before.2);
    // Where one stretch begins in the middle of a look at the room it has a look more: half a second's worth.
    let look = idle * 500 / u64::try_from(stretch.as_millis()).unwrap() + 50;
    assert!(polled <= idle + look, "{polled} commands while {POLLS} polls came, {idle} without");
    the_called_do_cost_something(&onsale, &tokens[0]).await;
}
