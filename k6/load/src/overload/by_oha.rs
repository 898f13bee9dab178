use std::time::Duration;

use onsale_stack::Running;
use reqwest::{Client, Method, StatusCode, header};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::{
    AFTER, ALWAYS, BEFORE, Load, Offer, Refusals, WARM_UP,
    course::{Use, measured},
    in_time_ms,
};
use crate::{
    environment,
    generator::{
        Answer,
        oha::{OhaLoad, Told, answers, begins, oha_version},
    },
    prepare::{client, requests::Asked},
    results::{Generator, Offered, Overload},
    run::{Loaded, Ready, RunError, Tested, Watching},
    sampling::now,
};

/// How often a refusal is looked for, besides the load.
const LOOK: Duration = Duration::from_millis(100);

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

    let launched = always.start(Told::Answers, load.pinned)?;
    begins(&launched).await?;
    let (began_at, began) = (now(), Instant::now());
    let generator = launched.pid().and_then(|pid| Running::now("oha", pid));
    let watching = Watching::begin(ready, target.processes, (generator, began_at))?;
    let overloading = async {
        tokio::time::sleep_until(began + Duration::from_secs_f64(BEFORE)).await;
        let launched = overload.start(Told::Answers, load.pinned)?;
        if let Some(second) = launched.pid().and_then(|pid| Running::now("oha-2", pid)) {
            watching.also(second);
        }
        begins(&launched).await?;
        let from = began.elapsed().as_secs_f64();
        let looking = look(&asked, Duration::from_secs_f64(load.seconds));
        let (ended, refusals) = tokio::join!(launched.end(overload.at_most()), looking);
        let (status, said) = ended?;
        Ok::<_, RunError>((from, status, answers(&said)?, refusals))
    };
    let (ended, overloaded) = tokio::join!(launched.end(always.at_most()), overloading);
    let ((status, said), (from, other, extra, refusals)) = (ended?, overloaded?);
    let statuses = [status, other].map(|status| status.code().unwrap_or(-1));
    let generator = Generator {
        tool: "oha".to_owned(),
        version,
        exit_status: statuses.into_iter().find(|status| *status != 0).unwrap_or(0),
        cpus: environment::allowed(load.pinned),
    };
    let loaded = watching.end(generator).await?;
    let of_use = Use { expected: asked.expected.clone(), in_time_ms: in_time_ms(&call) };
    remove_bodies([&always, &overload])?;
    let late = extra.into_iter().map(|answer| Answer { at: answer.at + from, ..answer });
    let answers: Vec<Answer> = answers(&said)?.into_iter().chain(late).collect();
    let to = from + load.seconds;
    let offer = Offer { before: (WARM_UP, from), during: (from, to), after: (to, all) };
    Ok((loaded, measured((load, &call), &offer, &answers, (&of_use, refusals))))
}

fn stream(ready: &Ready, asked: &Asked, who: &str, (rate, seconds): (f64, f64)) -> Result<OhaLoad, RunError> {
    let mut load = OhaLoad { request: asked.request.clone(), bodies: None, rate, seconds };
    asked.bodies(&mut load, &ready.folder.path().join(format!("{who}.txt")), who)?;
    Ok(load)
}

fn remove_bodies(loads: [&OhaLoad; 2]) -> std::io::Result<()> {
    loads.into_iter().filter_map(|load| load.bodies.as_ref()).try_for_each(std::fs::remove_file)
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
    let mut request = client.request(method, &asked.request.url);
    for (name, value) in &asked.request.headers {
        request = request.header(name, value);
    }
    if let Some(body) = asked.body("looks", nth) {
        request = request.header(header::CONTENT_TYPE, "application/json").body(body);
    }
    request.send().await.ok()
}
