//! What did not allow more.

use std::collections::BTreeMap;

use crate::results::{BoundBy, Process, ProcessUse, Sample, Use, program};

/// Processors that work for this share of the time are what bounds: a little rest is left wherever work comes by chance.
const FULL: f64 = 0.9;
/// Threads that wait for a processor at any time, on average: from one on, whoever comes waits behind somebody.
const QUEUED: f64 = 1.0;
/// Of the processors that are used, the share from which on a generator is busier than all that it asks.
const MOST: f64 = 0.5;
/// Programs that answer everything on one processor, however many there are.
const ON_ONE: [&str; 1] = ["redis"];
/// What of a run is looked at, as shares of its time: neither its warm-up nor its end.
const STEADY: (f64, f64) = (0.2, 0.9);

/// Where the runs were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many processors the machine has.
    pub processors: usize,
    /// How many of them the servers may use; 0 where they were not pinned.
    pub servers_on: usize,
    /// The generator's name among the processes.
    pub generator: String,
    /// How many processors it may use.
    pub generator_on: usize,
}

/// What bound the system, from samples of a run at the rate that was found and of one at the lowest rate above it that did not
/// hold, as far as there is one.
#[must_use]
pub fn bound_by(place: &Place, found: &[Sample], above: &[Sample]) -> BoundBy {
    let (at_found, at_above) = (Used::of(found), Used::of(above));
    let decisive = if at_above.busy.is_some() { &at_above } else { &at_found };
    let names = at_found.processes.keys().chain(at_above.processes.keys());
    let names = names.collect::<std::collections::BTreeSet<_>>().into_iter();
    let mut processes: Vec<ProcessUse> = names
        .map(|name| {
            let of = |used: &Used| used.processes.get(name).copied();
            ProcessUse { name: name.clone(), processors: Use { found: of(&at_found), above: of(&at_above) } }
        })
        .collect();
    processes.sort_by(|one, other| greatest(other).total_cmp(&greatest(one)));
    BoundBy {
        sentence: decisive.sentence(place),
        machine_busy: Use { found: at_found.busy, above: at_above.busy },
        processors: place.processors,
        processes,
    }
}

fn greatest(process: &ProcessUse) -> f64 {
    process.processors.above.or(process.processors.found).unwrap_or_default()
}

/// What was used in the steady part of a run.
#[derive(Clone, Debug, Default)]
struct Used {
    /// The share of the machine's processors that worked.
    busy: Option<f64>,
    /// Processors, by program.
    processes: BTreeMap<String, f64>,
    /// Threads that could have worked and had no processor, by program.
    waited: BTreeMap<String, f64>,
}

impl Used {
    fn of(samples: &[Sample]) -> Self {
        let Some((first, last)) = steady(samples) else { return Self::default() };
        let total = last.machine.total_seconds - first.machine.total_seconds;
        let busy = last.machine.busy_seconds - first.machine.busy_seconds;
        Self {
            busy: (total > 0.0).then(|| busy / total),
            processes: between(first, last, |process| process.cpu_seconds),
            waited: between(first, last, |process| process.delay_seconds),
        }
    }

    fn sentence(&self, place: &Place) -> String {
        let Some(busy) = self.busy else { return "nobody knows: there are no samples".to_owned() };
        let named = self.full(busy, place).or_else(|| self.queued(busy, place));
        named.or_else(|| self.generator(busy, place)).unwrap_or_else(|| {
            format!(
                "something that is waited for, such as a disk or a lock: of the processors only {:.0} % were busy, {}",
                100.0 * busy,
                self.who()
            )
        })
    }

    /// Processors that always work.
    fn full(&self, busy: f64, place: &Place) -> Option<String> {
        if busy >= FULL {
            return Some(format!(
                "the machine's {}: {:.0} % busy, {}",
                processors(place.processors),
                100.0 * busy,
                self.who()
            ));
        }
        let generator = self.processes.get(&place.generator).copied().unwrap_or_default();
        if generator >= FULL * count(place.generator_on) && place.generator_on > 0 {
            let share = 100.0 * generator / count(place.generator_on);
            return Some(format!(
                "the generator's {}: {share:.0} % busy with {}",
                processors(place.generator_on),
                place.generator
            ));
        }
        let servers = of_servers(&self.processes, place);
        if place.servers_on > 0 && servers >= FULL * count(place.servers_on) {
            let share = 100.0 * servers / count(place.servers_on);
            return Some(format!(
                "the servers' {}: {share:.0} % busy, {}",
                processors(place.servers_on),
                self.who()
            ));
        }
        let mut on_one = ON_ONE.iter().filter_map(|name| self.processes.get_key_value(*name));
        let (name, used) = on_one.find(|(_, used)| **used >= FULL)?;
        Some(format!(
            "{name}, which answers on one processor, and was busy for {:.0} % of the time",
            100.0 * used
        ))
    }

    /// Processors that do not work always, but have a queue: work comes by chance, and together.
    fn queued(&self, busy: f64, place: &Place) -> Option<String> {
        let (whose, waited) = if place.servers_on > 0 {
            (format!("the servers' {}", processors(place.servers_on)), of_servers(&self.waited, place))
        } else {
            (format!("the machine's {}", processors(place.processors)), self.waited.values().sum())
        };
        (waited >= QUEUED).then(|| {
            format!(
                "{whose}, which {waited:.1} threads were waiting for at any time: {:.0} % of all busy, {}",
                100.0 * busy,
                self.who()
            )
        })
    }

    /// A generator that is busier than all that it asks, while nobody waits for a processor: it measures itself.
    fn generator(&self, busy: f64, place: &Place) -> Option<String> {
        let (all, generator) = (self.processes.values().sum::<f64>(), self.processes.get(&place.generator)?);
        (*generator > MOST * all).then(|| {
            format!(
                "{} itself, as it seems, so that the system bears this at least: {:.0} % of all processors busy, {}",
                place.generator,
                100.0 * busy,
                self.who()
            )
        })
    }

    /// Who used most.
    fn who(&self) -> String {
        let mut used: Vec<(&String, f64)> = self.processes.iter().map(|(name, used)| (name, *used)).collect();
        used.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let used = used.into_iter().filter(|(_, used)| *used >= 0.05);
        used.map(|(name, used)| format!("{name} {used:.2}")).collect::<Vec<_>>().join(", ")
    }
}

/// What programs spent of something, in each second between two samples.
fn between(first: &Sample, last: &Sample, of: fn(&Process) -> f64) -> BTreeMap<String, f64> {
    let seconds = seconds(last.since_start_ms.saturating_sub(first.since_start_ms));
    let mut spent: BTreeMap<String, f64> = BTreeMap::new();
    for (name, process) in &last.processes {
        // One that was started anew counts from zero again.
        let before = first.processes.get(name).map_or(0.0, of);
        let before = if of(process) < before { 0.0 } else { before };
        *spent.entry(program(name).to_owned()).or_default() += (of(process) - before) / seconds;
    }
    spent
}

fn of_servers(spent: &BTreeMap<String, f64>, place: &Place) -> f64 {
    spent.iter().filter(|(name, _)| **name != place.generator).map(|(_, spent)| spent).sum()
}

/// The samples that the steady part lies between.
fn steady(samples: &[Sample]) -> Option<(&Sample, &Sample)> {
    let (first, last) = (samples.first()?.since_start_ms, samples.last()?.since_start_ms);
    let length = seconds(last.saturating_sub(first));
    let is_in = |sample: &&Sample| {
        let share = seconds(sample.since_start_ms - first) / length;
        share >= STEADY.0 && share <= STEADY.1
    };
    let mut within = samples.iter().filter(is_in);
    let begin = within.next()?;
    within
        .next_back()
        .map(|end| (begin, end))
        .filter(|(begin, end)| end.since_start_ms > begin.since_start_ms)
}

fn processors(count: usize) -> String {
    match count {
        1 => "one processor".to_owned(),
        2 => "two processors".to_owned(),
        count => format!("{count} processors"),
    }
}

fn count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are far from 2^53")]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Machine;

    const ALL: f64 = 2.0;

    /// A minute in which each second the machine and the processes work for so long.
    fn minute(busy: f64, each: &[(&str, f64)]) -> Vec<Sample> {
        let sample = |second: u32| {
            let time = f64::from(second);
            let process = |used: f64| Process { cpu_seconds: used * time, ..Process::default() };
            Sample {
                at: 0,
                since_start_ms: u64::from(second) * 1_000,
                processes: each.iter().map(|(name, used)| ((*name).to_owned(), process(*used))).collect(),
                machine: Machine {
                    busy_seconds: busy * time,
                    stolen_seconds: 0.0,
                    total_seconds: ALL * time,
                },
                room: None,
            }
        };
        (0..=60).map(sample).collect()
    }

    fn place() -> Place {
        Place { processors: 2, servers_on: 0, generator: "k6".to_owned(), generator_on: 2 }
    }

    #[test]
    fn a_full_machine_is_named_with_who_fills_it() {
        let above = minute(
            1.94,
            &[("gateway-1", 0.5), ("gateway-2", 0.4), ("k6", 0.7), ("redis", 0.3), ("queue-1", 0.01)],
        );
        let bound = bound_by(&place(), &minute(1.6, &[("gateway-1", 0.7)]), &above);
        assert_eq!(
            bound.sentence,
            "the machine's two processors: 97 % busy, gateway 0.90, k6 0.70, redis 0.30"
        );
        let gateway = &bound.processes[0];
        assert_eq!(gateway.name, "gateway");
        assert!((gateway.processors.found.unwrap() - 0.7).abs() < 1e-9);
        assert!((gateway.processors.above.unwrap() - 0.9).abs() < 1e-9);
    }

    #[test]
    fn each_resource_is_named_where_it_is_full() {
        let said =
            |place: &Place, busy, each: &[(&str, f64)]| bound_by(place, &minute(busy, each), &[]).sentence;
        let pinned = Place { servers_on: 1, generator_on: 1, ..place() };
        assert!(
            said(&pinned, 1.4, &[("k6", 0.95), ("gateway-1", 0.3)])
                .starts_with("the generator's one processor: 95 %")
        );
        let servers = [("k6", 0.3), ("gateway-1", 0.6), ("postgres", 0.35)];
        assert!(said(&pinned, 1.3, &servers).starts_with("the servers' one processor: 95 %"));
        assert!(
            said(&place(), 1.3, &[("k6", 0.3), ("redis", 0.93)]).starts_with("redis, which answers on one")
        );
        assert!(said(&place(), 1.0, &[("k6", 0.3), ("postgres", 0.4)]).contains("only 50 % were busy"));
        assert!(bound_by(&place(), &[], &[]).sentence.starts_with("nobody knows"));

        assert!(
            said(&place(), 1.0, &[("k6", 0.8), ("gateway-1", 0.2)])
                .starts_with("k6 itself, as it seems, so that the system bears this at least")
        );
    }

    #[test]
    fn processors_that_are_waited_for_need_not_be_full() {
        let mut queued = minute(1.2, &[("k6", 0.5), ("gateway-1", 0.2), ("redis", 0.1)]);
        for sample in &mut queued {
            let gateway = sample.processes.get_mut("gateway-1").unwrap();
            gateway.delay_seconds = 6.0 * gateway.cpu_seconds;
        }
        let sentence = |place: &Place| bound_by(place, &queued, &[]).sentence;
        let said = sentence(&place());
        assert!(
            said.starts_with("the machine's two processors, which 1.2 threads were waiting for"),
            "{said}"
        );
        let said = sentence(&Place { servers_on: 1, generator_on: 1, ..place() });
        assert!(said.starts_with("the servers' one processor, which 1.2 threads were waiting for"), "{said}");
    }
}
