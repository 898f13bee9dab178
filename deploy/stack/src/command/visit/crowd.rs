use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use onsale_stack::Target;
use rand::RngExt as _;
use reqwest::Client;
use serde_json::Value;
use tokio::{task::JoinSet, time::Instant};

use super::{
    api::Api,
    seen::Seats,
    tally::{Step, Tally},
    visitor::{Plan, Visitor},
};

/// How often the bar is drawn.
const DRAW: Duration = Duration::from_millis(200);

/// Walks everybody through, and says what came of it.
pub(super) async fn walk(
    target: &Target,
    (visitors, over): (u32, u32),
    patience: Duration,
) -> anyhow::Result<Tally> {
    let client = Client::builder().no_proxy().build().context("make a client")?;
    let tally = Arc::new(Mutex::new(Tally::default()));
    let gateways: Vec<_> =
        target.gateways.iter().map(|url| Api::new(client.clone(), url.clone(), Arc::clone(&tally))).collect();
    let concerts = concerts(&client, &target.gateways[0]).await?;
    let (seats, run) = (Arc::new(Seats::default()), rand::random::<u32>());
    let began_at = Instant::now();
    let mut crowd = JoinSet::new();
    for number in 0..visitors {
        let visitor = Visitor {
            api: gateways[number as usize % gateways.len()].clone(),
            user: format!("visit-{run:08x}-{number}"),
            concerts: Arc::clone(&concerts),
            seats: Arc::clone(&seats),
            plan: Plan::of(number),
        };
        let comes_at =
            began_at + Duration::from_secs(over.into()).mul_f64(rand::rng().random_range(0.0..=1.0));
        crowd.spawn(async move {
            tokio::time::sleep_until(comes_at).await;
            visitor.visit(patience).await;
        });
    }
    watch(crowd, visitors, &tally).await?;
    // Everybody who had a share in it has gone.
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut tally))
}

/// The concerts that may be visited.
async fn concerts(client: &Client, gateway: &str) -> anyhow::Result<Arc<Vec<u64>>> {
    let page = client.get(format!("{gateway}/api/concerts?limit=200")).send().await;
    let page: Value = page.context("ask what is on")?.json().await.context("understand what is on")?;
    let all = page["concerts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<u64> = all.iter().filter_map(|concert| concert["concertId"].as_u64()).collect();
    anyhow::ensure!(!ids.is_empty(), "nothing is on");
    Ok(Arc::new(ids))
}

/// Draws a bar until everybody has gone.
async fn watch(mut crowd: JoinSet<()>, visitors: u32, tally: &Mutex<Tally>) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{elapsed} [{bar:30}] {pos}/{len} gone; {msg}")?;
    let bar = ProgressBar::new(visitors.into()).with_style(style.progress_chars("=> "));
    let mut draws = tokio::time::interval(DRAW);
    loop {
        tokio::select! {
            gone = crowd.join_next() => match gone {
                Some(gone) => gone.context("a visitor fell")?,
                None => break,
            },
            _ = draws.tick() => {
                let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                bar.set_position((visitors as usize - crowd.len()) as u64);
                bar.set_message(message(&tally));
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn message(tally: &Tally) -> String {
    let [came, inside, held, bought] =
        [Step::Came, Step::Admitted, Step::Held, Step::Bought].map(|step| tally.count(step));
    format!("{came} came, {inside} got in, {held} held, {bought} bought")
}
