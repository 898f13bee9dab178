//! `onsale-stack visit`, as `deploy/visit` calls it: a crowd that waits, holds, pays and goes, and what has to hold then.

use std::time::Duration;

use onsale_stack::binary;
use tokio::process::Command;

use crate::{
    api::{OPERATOR_KEY, policy},
    onsale::{Onsale, Plan},
};

/// How long a visit of this size takes at most, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_mins(3);

/// Walks visitors through, over all gateways.
async fn visit(onsale: &Onsale, arguments: &[&str]) -> (bool, String) {
    let mut visit = Command::new(binary("onsale-stack").unwrap());
    visit.arg("visit").args(arguments).env("ONSALE_OPERATOR_KEY", OPERATOR_KEY).kill_on_drop(true);
    visit.env("ONSALE_REDIS_URL", onsale.redis.url()).env("ONSALE_DATABASE_URL", onsale.database.url());
    for gateway in &onsale.gateways {
        visit.arg("--gateway").arg(gateway.url("http"));
    }
    let output = tokio::time::timeout(PATIENCE, visit.output()).await.expect("an end").unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{text}");
    (output.status.success(), text)
}

/// How many visitors came so far.
fn figure(text: &str, what: &str) -> usize {
    let line = text
        .lines()
        .find(|line| line.trim_end().ends_with(what))
        .unwrap_or_else(|| panic!("no {what}: {text}"));
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_waits_holds_pays_and_goes_and_everything_holds() {
    let plan = Plan { own_postgres: true, copies: 2, gateways: 2, ..Plan::default() };
    let onsale = Onsale::start_as(plan).await;
    let (is_well, text) = visit(&onsale, &["--visitors", "100", "--over", "3", "--capacity", "40"]).await;
    assert!(is_well, "{text}");
    assert_eq!(figure(&text, " got in"), 100);
    assert_eq!(
        [" bought them", " took that back", " walked away with a hold"].map(|what| figure(&text, what)),
        [80, 10, 20]
    );
    for invariant in ["I1", "I2", "I3", "I4", "I5", "I6", "I7"] {
        assert!(
            text.lines().any(|line| line.trim_start().starts_with(invariant)),
            "{invariant} is not in {text}"
        );
    }
    assert_eq!(onsale.api().room(1).await["policy"]["mode"], "off", "as it was before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_nobody_gets_into_fails_and_one_that_opens_the_room_leaves_it_as_it_was() {
    let onsale = Onsale::start().await;
    onsale.put_room(1, &policy("paused", 10)).await;
    let (is_well, text) = visit(&onsale, &["--visitors", "5", "--over", "0", "--patience", "3"]).await;
    assert!(!is_well, "{text}");
    assert_eq!((figure(&text, " got in"), figure(&text, " gave up")), (0, 5));
    let (is_well, text) = visit(&onsale, &["--visitors", "5", "--over", "0", "--capacity", "10"]).await;
    assert!(is_well, "{text}");
    assert_eq!(onsale.api().room(1).await["policy"]["mode"], "paused");
}
