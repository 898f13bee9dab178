//! An overload of a call that oha makes: a probe, what makes up half of the capacity with it all the time, and the rest of the overload for
//! some seconds.
//!
//! A generator with its processor full tells of its own waits: oha keeps each answer in memory until its end, and while it moves half a
//! million of them to a larger piece of it, whatever is due waits in it for up to half a second. So most of the load is made by generators
//! whose answers are counted, and waits are read off one that does little, beside them on the same processor: a latency agent (Kogias,
//! Mallon, Bugnion: Lancet, USENIX ATC 2019, <https://www.usenix.org/conference/atc19/presentation/kogias-lancet>).

mod look;
mod streams;

use std::time::Duration;

use super::{
    BEFORE, Load, Offer, Refusals, WARM_UP,
    course::{Use, measured, part},
    in_time_ms,
};
use crate::{
    environment,
    generator::oha::oha_version,
    prepare::requests::Asked,
    results::{Generator, Overload},
    run::{Loaded, Ready, RunError, Tested, Watching},
    sampling::now,
};
use look::look;
use streams::{Begun, Ended, Streams};

/// Overloads, and measures.
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
    let streams = Streams::of(load, ready, &asked)?;
    ready.scenario.offered = streams.offered(&call);

    let probe = Begun::begin(&streams.probe, load.pinned).await?;
    let always = Begun::begin(&streams.always, load.pinned).await?;
    let watching = Watching::begin(ready, target.processes, (always.process("oha"), now()))?;
    probe.process("oha-2").into_iter().for_each(|process| watching.also(process));
    let made = make(load, (&streams, &asked), (probe, always), &watching).await?;
    let generator = Generator {
        tool: "oha".to_owned(),
        version,
        exit_status: made
            .loads()
            .map(|load| load.status)
            .into_iter()
            .find(|status| *status != 0)
            .unwrap_or(0),
        cpus: environment::allowed(load.pinned),
    };
    let loaded = watching.end(generator).await?;
    streams.remove_bodies()?;
    let of_use = Use { expected: asked.expected.clone(), in_time_ms: in_time_ms(&call) };
    Ok((loaded, made.overload((load, &call), &streams, &of_use)))
}

/// What came of it. Instants are seconds from the probe's first request.
struct Made {
    probe: Ended,
    always: Ended,
    overload: Ended,
    /// When the rest came on top.
    from: f64,
    refusals: Refusals,
}

async fn make(
    load: &Load<'_>,
    (streams, asked): (&Streams, &Asked),
    (probe, always): (Begun, Begun),
    watching: &Watching,
) -> Result<Made, RunError> {
    let began = probe.at;
    let overloading = async {
        tokio::time::sleep_until(began + Duration::from_secs_f64(BEFORE)).await;
        let overload = Begun::begin(&streams.overload, load.pinned).await?;
        overload.process("oha-3").into_iter().for_each(|process| watching.also(process));
        let from = (overload.at - began).as_secs_f64();
        let looking = look(asked, Duration::from_secs_f64(load.seconds));
        let (ended, refusals) = tokio::join!(overload.end(&streams.overload, began), looking);
        Ok::<_, RunError>((from, ended?, refusals))
    };
    let (probe, always, overloaded) =
        tokio::join!(probe.end(&streams.probe, began), always.end(&streams.always, began), overloading);
    let (from, overload, refusals) = overloaded?;
    Ok(Made { probe: probe?, always: always?, overload, from, refusals })
}

impl Made {
    fn loads(&self) -> [&Ended; 3] {
        [&self.probe, &self.always, &self.overload]
    }

    fn overload(&self, (load, call): (&Load<'_>, &str), streams: &Streams, of_use: &Use) -> Overload {
        let (from, to) = (self.from, self.from + load.seconds);
        let offer =
            Offer { before: (WARM_UP, from), during: (from, to), after: (to, streams.always.seconds) };
        let all = self.loads().map(|load| load.answers.as_slice()).concat();
        Overload {
            probed: Some(part(&self.probe.answers, offer.during, streams.probe.rate, of_use)),
            ..measured((load, call), &offer, &all, (of_use, self.refusals))
        }
    }
}
