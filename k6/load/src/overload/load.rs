use std::{collections::BTreeMap, time::Duration};

use onsale_stack::Running;
use reqwest::{Client, Method, StatusCode, header};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::course::{Use, course, part, recovered};
use crate::{
    environment,
    generator::oha::{Answer, OhaLoad, Told, answers, oha_version},
    judge::Slos,
    prepare::{client, requests::Asked},
    results::{Generator, Offered, Overload},
    run::{Loaded, Ready, RunError, Tested, Watching},
    sampling::now,
};

/// The share of the capacity that is there all the time.
const ALWAYS: f64 = 0.5;
/// Seconds before the overload; the first of them warm up and are not counted.
const BEFORE: f64 = 6.0;
const WARM_UP: f64 = 2.0;
/// Seconds after it, in which all has to be well again.
const AFTER: f64 = 10.0;
/// So many at once that it is the system that says no, and not the generator that runs out of connections.
const CONNECTIONS: usize = 1_024;
/// How often a refusal is looked for, besides the load.
const LOOK: Duration = Duration::from_millis(100);

/// More than the system bears.
pub(super) struct Load<'a> {
    pub(super) capacity: f64,
    pub(super) factor: f64,
    pub(super) seconds: f64,
    pub(super) pinned: &'a [usize],
}

/// What was read of refusals.
#[derive(Clone, Copy, Debug, Default)]
struct Refusals {
    read: usize,
    without_time: usize,
}

/// Half of the capacity all the time, and the rest of the overload for some seconds.
pub(super) async fn run(
    load: &Load<'_>,
    tested: &Tested,
    ready: &mut Ready,
) -> Result<(Loaded, Overload), RunError> {
    let version = oha_version().await?;
    let target = tested.target();
    let call = ready.script.name.clone();
    let asked =
        Asked::of(&call, &target, &ready.prepared, ready.folder.test_id(), &ready.script.settings).await?;
    let (all, more) = (BEFORE + load.seconds + AFTER, (load.factor - ALWAYS) * load.capacity);
    ready.scenario.offered = vec![
        Offered { scenario: format!("{call}_always"), rate: ALWAYS * load.capacity, seconds: all },
        Offered { scenario: format!("{call}_overload"), rate: more, seconds: load.seconds },
    ];
    let always = stream(ready, &asked, "always", (ALWAYS * load.capacity, all))?;
    let overload = stream(ready, &asked, "overload", (more, load.seconds))?;

    let began_at = now();
    let began = Instant::now();
    let launched = always.start(Told::Answers, load.pinned)?;
    let generator = launched.pid().and_then(|pid| Running::now("oha", pid));
    let watching = Watching::begin(ready, target.processes, (generator, began_at))?;
    let overloading = async {
        tokio::time::sleep_until(began + Duration::from_secs_f64(BEFORE)).await;
        let from = began.elapsed().as_secs_f64();
        let launched = overload.start(Told::Answers, load.pinned)?;
        let looking = look(&asked, Duration::from_secs_f64(load.seconds));
        let (ended, refusals) = tokio::join!(launched.end(overload.at_most()), looking);
        Ok::<_, RunError>((from, answers(&ended?.1)?, refusals))
    };
    let (ended, overloaded) = tokio::join!(launched.end(always.at_most()), overloading);
    let ((status, said), (from, extra, refusals)) = (ended?, overloaded?);
    let generator = Generator {
        tool: "oha".to_owned(),
        version,
        exit_status: status.code().unwrap_or(-1),
        cpus: environment::allowed(load.pinned),
    };
    let loaded = watching.end(generator).await?;
    let of_use = Use { expected: asked.expected.clone(), in_time_ms: in_time_ms(&call) };
    let streams = (answers(&said)?, extra);
    remove_bodies([&always, &overload])?;
    Ok((loaded, measured(load, &call, from, streams, (&of_use, refusals))))
}

/// What is promised of 99 %; without a promise no answer is late.
fn in_time_ms(call: &str) -> f64 {
    Slos::ours().of(call).map_or(f64::INFINITY, |slo| slo.p99_ms)
}

fn stream(ready: &Ready, asked: &Asked, who: &str, (rate, seconds): (f64, f64)) -> Result<OhaLoad, RunError> {
    let mut load =
        OhaLoad { request: asked.request.clone(), bodies: None, rate, seconds, connections: CONNECTIONS };
    asked.bodies(&mut load, &ready.folder.path().join(format!("{who}.txt")), who)?;
    Ok(load)
}

fn remove_bodies(loads: [&OhaLoad; 2]) -> std::io::Result<()> {
    loads.into_iter().filter_map(|load| load.bodies.as_ref()).try_for_each(std::fs::remove_file)
}

fn measured(
    load: &Load<'_>,
    call: &str,
    from: f64,
    (always, mut extra): (Vec<Answer>, Vec<Answer>),
    (of_use, refusals): (&Use, Refusals),
) -> Overload {
    for answer in &mut extra {
        answer.at += from;
    }
    let (to, end) = (from + load.seconds, BEFORE + load.seconds + AFTER);
    let half = ALWAYS * load.capacity;
    let all: Vec<Answer> = always.iter().chain(&extra).copied().collect();
    Overload {
        endpoint: call.to_owned(),
        capacity: load.capacity,
        factor: load.factor,
        in_time_ms: of_use.in_time_ms,
        before: part(&always, (WARM_UP, from), half, of_use),
        during: part(&all, (from, to), load.factor * load.capacity, of_use),
        after: part(&all, (to, end), half, of_use),
        recovered_seconds: recovered(&all, (to, end), of_use),
        refusals_read: refusals.read,
        refusals_without_time: refusals.without_time,
        course: course(&all, end, of_use),
    }
}

/// Reads refusals: who is refused has to be told when to come back (RFC 9110, section 10.2.3).
async fn look(asked: &Asked, for_so_long: Duration) -> Refusals {
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
    let headers: BTreeMap<&str, &str> =
        asked.request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut request = client.request(method, &asked.request.url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(body) = asked.body("looks", nth) {
        request = request.header(header::CONTENT_TYPE, "application/json").body(body);
    }
    request.send().await.ok()
}
