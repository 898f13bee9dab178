use std::time::Duration;

use reqwest::{Client, Method, StatusCode, header};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::overload::Refusals;
use crate::prepare::{client, requests::Asked};

/// How often a refusal is looked for, besides the load.
const LOOK: Duration = Duration::from_millis(100);

/// Reads refusals: who is refused has to be told when to come back (RFC 9110, section 10.2.3).
pub(super) async fn look(asked: &Asked, for_so_long: Duration) -> Refusals {
    let (client, began) = (client(), Instant::now());
    let mut refusals = Refusals::default();
    let mut ticks = interval_at(began + LOOK, LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut nth = 0;
    while began.elapsed() < for_so_long {
        ticks.tick().await;
        nth += 1;
        let Some(answer) = ask(&client, asked, nth).await else { continue };
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            refusals.read += 1;
            refusals.without_time += usize::from(!answer.headers().contains_key(header::RETRY_AFTER));
        }
    }
    refusals
}

/// The request once; `None` where it was not answered, which the load counts.
async fn ask(client: &Client, asked: &Asked, nth: usize) -> Option<reqwest::Response> {
    let method: Method = asked.request.method.parse().ok()?;
    let mut request = client.request(method, &asked.request.url);
    for (name, value) in &asked.request.headers {
        request = request.header(name, value);
    }
    if let Some(body) = asked.body("looks", nth) {
        request = request.header(header::CONTENT_TYPE, "application/json").body(body);
    }
    request.send().await.ok()
}
