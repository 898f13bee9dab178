//! Asks each copy now and then whether it serves, so that neither a visitor nor a probe has to find out.

use std::{sync::Arc, time::Duration};

use onsale_process::Condition as Readiness;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::upstream::copies::{Copies, ServiceCopy};

/// A copy that takes longer than this to say that it is well is not.
const ANSWER: Duration = Duration::from_millis(500);

/// Keeps the readiness condition and the balancer's knowledge of a service up to date; never ends.
pub(crate) async fn watch(copies: Arc<Copies>, every: Duration, readiness: Readiness) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match check(&copies).await {
            Ok(()) => readiness.ready(),
            Err(reason) => readiness.unready(reason),
        }
    }
}

/// Fine if one copy serves; otherwise what is wrong with each.
async fn check(copies: &Arc<Copies>) -> Result<(), String> {
    let mut answers = tokio::task::JoinSet::new();
    for index in 0..copies.all().len() {
        let copies = Arc::clone(copies);
        answers.spawn(async move { ask(&copies.all()[index]).await });
    }
    let answers = answers.join_all().await;
    if answers.iter().any(Result::is_ok) {
        return Ok(());
    }
    let mut reasons: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    reasons.sort();
    Err(reasons.join("; "))
}

async fn ask(copy: &ServiceCopy) -> Result<(), String> {
    let mut client = HealthClient::new(copy.channel());
    let answer = timeout(ANSWER, client.check(HealthCheckRequest { service: String::new() })).await;
    let outcome = match answer {
        Ok(Ok(response)) if response.get_ref().status() == ServingStatus::Serving => Ok(()),
        Ok(Ok(_)) => Err("not serving"),
        Ok(Err(_)) => Err("no answer"),
        Err(_) => Err("no answer in time"),
    };
    if copy.condition().set_serving(outcome.is_ok()) {
        tracing::info!(copy = copy.url(), serving = outcome.is_ok(), "a copy changed");
    }
    outcome.map_err(|reason| format!("{}: {reason}", copy.url()))
}
