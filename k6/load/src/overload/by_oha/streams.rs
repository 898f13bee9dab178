use std::io;

use onsale_stack::Running;
use tokio::time::Instant;

use crate::overload::{AFTER, ALWAYS, BEFORE, Load};
use crate::{
    generator::{
        Answer,
        oha::{CONNECTIONS, OhaLoad, Told, answers, begins},
        program::Launched,
    },
    prepare::requests::Asked,
    results::Offered,
    run::{Ready, RunError},
};

/// The share of the capacity that the probe asks for: hundreds of requests a second, of which a generator notes little.
const PROBE: f64 = 0.05;
/// More than the probe has on its way at once.
const PROBE_CONNECTIONS: u16 = 64;

/// The loads of an overload.
pub(super) struct Streams {
    pub(super) probe: OhaLoad,
    pub(super) always: OhaLoad,
    pub(super) overload: OhaLoad,
}

impl Streams {
    pub(super) fn of(load: &Load<'_>, ready: &Ready, asked: &Asked) -> Result<Self, RunError> {
        let [probe, always, overload] = divided(load);
        let all = BEFORE + load.seconds + AFTER;
        let stream = |who, (rate, connections), seconds| -> Result<OhaLoad, RunError> {
            let mut load =
                OhaLoad { request: asked.request.clone(), bodies: None, rate, seconds, connections };
            asked.bodies(&mut load, &ready.folder.path().join(format!("{who}.txt")), who)?;
            Ok(load)
        };
        Ok(Self {
            probe: stream("probe", probe, all)?,
            always: stream("always", always, all)?,
            overload: stream("overload", overload, load.seconds)?,
        })
    }

    pub(super) fn offered(&self, call: &str) -> Vec<Offered> {
        let named = [("probe", &self.probe), ("always", &self.always), ("overload", &self.overload)];
        let offered = |(who, load): (&str, &OhaLoad)| Offered {
            scenario: format!("{call}_{who}"),
            rate: load.rate,
            seconds: load.seconds,
        };
        named.map(offered).to_vec()
    }

    pub(super) fn remove_bodies(&self) -> io::Result<()> {
        let loads = [&self.probe, &self.always, &self.overload];
        loads.into_iter().filter_map(|load| load.bodies.as_ref()).try_for_each(std::fs::remove_file)
    }
}

/// Requests a second and connections of the probe, of what goes on with it, and of the rest. Together they have the connections from
/// which the capacity is searched: more of them would cost the servers more.
fn divided(load: &Load<'_>) -> [(f64, u16); 3] {
    let [probe, always, overload] =
        [PROBE, ALWAYS - PROBE, load.factor - ALWAYS].map(|share| share * load.capacity);
    let each = f64::from(CONNECTIONS - PROBE_CONNECTIONS) / (always + overload);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of 1,024")]
    let connections = |rate: f64| (each * rate).floor() as u16;
    [(probe, PROBE_CONNECTIONS), (always, connections(always)), (overload, connections(overload))]
}

/// A load that has begun, and when.
pub(super) struct Begun {
    launched: Launched,
    pub(super) at: Instant,
}

/// What came of a load.
pub(super) struct Ended {
    pub(super) status: i32,
    pub(super) answers: Vec<Answer>,
}

impl Begun {
    pub(super) async fn begin(load: &OhaLoad, pinned: &[usize]) -> Result<Self, RunError> {
        let launched = load.start(Told::Answers, pinned)?;
        begins(&launched).await?;
        Ok(Self { launched, at: Instant::now() })
    }

    pub(super) fn process(&self, name: &str) -> Option<Running> {
        self.launched.pid().and_then(|pid| Running::now(name, pid))
    }

    /// Its end, and its answers by seconds from an instant on.
    pub(super) async fn end(self, load: &OhaLoad, from: Instant) -> Result<Ended, RunError> {
        let (status, said) = self.launched.end(load.at_most()).await?;
        let after = (self.at - from).as_secs_f64();
        let answers = answers(&said)?.into_iter().map(|answer| Answer { at: answer.at + after, ..answer });
        Ok(Ended { status: status.code().unwrap_or(-1), answers: answers.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn together_the_loads_are_the_overload_and_half_of_the_capacity_goes_on() {
        let load = Load { capacity: 10_000.0, factor: 3.0, seconds: 20.0, pinned: &[] };
        let [probe, always, overload] = divided(&load);
        assert_eq!(format!("{:?}", [probe.0, always.0, overload.0]), "[500.0, 4500.0, 25000.0]");
        assert_eq!([probe.1, always.1, overload.1], [64, 146, 813]);
    }
}
