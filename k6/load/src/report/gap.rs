//! What stood still, and for how long, after something was broken.

use std::collections::BTreeMap;

use super::{Reading, call::calls, number::number};
use crate::results::{Line, What};

/// The time in which a fault shows: from when it was made until the next one is, or the run ends. In seconds of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) began: f64,
    /// When what was broken was started again; `None` where it never was.
    pub(crate) mended: Option<f64>,
    pub(crate) ended: f64,
}

impl Window {
    /// Each fault of a run, with its name.
    pub(crate) fn of_faults(reading: &Reading) -> Vec<(Self, String)> {
        let mut windows: Vec<(Self, String)> = Vec::new();
        for event in &reading.events {
            let at = reading.seconds(event.at);
            match (event.what, windows.last_mut()) {
                (What::Fault, last) => {
                    if let Some((before, _)) = last {
                        before.ended = at;
                    }
                    let ended = reading.seconds(reading.run.ended_at);
                    windows.push((Self { began: at, mended: None, ended }, event.name.clone()));
                }
                (What::Mended, Some((window, _))) => window.mended = Some(at),
                (What::Mended, None) | (What::Phase, _) => {}
            }
        }
        windows
    }

    /// How many requests got no answer or one of 5xx in it, by call and status, the most frequent first; `None` where there
    /// is no series of answers.
    pub(crate) fn failures(&self, reading: &Reading) -> Option<Vec<String>> {
        let series = reading.series.as_ref()?;
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        for line in series.lines.get("client_rate")? {
            let label = |name: &str| line.labels.get(name).map(String::as_str).unwrap_or_default();
            let what = match label("status") {
                "0" => "without an answer".to_owned(),
                status if status.starts_with('5') => status.to_owned(),
                _ => continue,
            };
            let rates = self.values(reading, line).map(|(_, rate)| rate);
            *counts.entry(format!("{} {what}", label("name"))).or_default() +=
                rates.sum::<f64>() * series.step_seconds;
        }
        let mut counts: Vec<(String, f64)> = counts.into_iter().filter(|(_, count)| *count >= 0.5).collect();
        counts.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        counts.truncate(4);
        Some(counts.into_iter().map(|(what, count)| format!("{} × {what}", number(count.round()))).collect())
    }

    /// The longest time in which nobody was called although somebody stood in line, where the room was seen.
    pub(crate) fn longest_standstill(&self, reading: &Reading) -> Option<f64> {
        let mut longest: Option<f64> = None;
        let mut since: Option<(f64, u64)> = None;
        for sample in &reading.samples {
            let at = reading.seconds(sample.at);
            // The last look before it says since when nobody was called.
            let is_near = (self.began - 1.5..=self.ended).contains(&at);
            let Some(room) = sample.room.filter(|_| is_near) else { continue };
            let is_moving =
                since.is_none_or(|(_, serving)| serving != room.serving) || room.last_number <= room.serving;
            if is_moving {
                since = Some((at, room.serving));
            } else if let Some((began, _)) = since {
                longest = Some(longest.unwrap_or(0.0).max(at - began));
            }
        }
        longest
    }

    fn contains(&self, at: f64) -> bool {
        (self.began..=self.ended).contains(&at)
    }

    fn values<'a>(&'a self, reading: &'a Reading, line: &'a Line) -> impl Iterator<Item = (f64, f64)> + 'a {
        let values = line.values.iter().map(|(at, value)| (reading.seconds(*at), *value));
        values.filter(|(at, _)| self.contains(*at))
    }
}

/// The longest time without a good answer, in seconds: that a visitor met, where the script kept that of a run with one fault;
/// else that of the operator's look at the room. `None` where nobody looked.
pub(crate) fn longest(reading: &Reading, window: &Window, is_only: bool) -> Option<f64> {
    of_visitors(reading).filter(|_| is_only).or_else(|| {
        let looks: Vec<f64> = reading
            .samples
            .iter()
            .filter(|sample| sample.room.is_some())
            .map(|sample| reading.seconds(sample.at))
            .collect();
        (!looks.is_empty())
            .then(|| between(window, looks.into_iter().filter(|at| window.contains(*at)).collect()))
    })
}

/// From a first failure to the next good answer; or the wait for the slowest answer, since behind what stands still nothing
/// fails.
fn of_visitors(reading: &Reading) -> Option<f64> {
    let slowest = calls(reading).into_iter().filter_map(|call| call.latency.max);
    let longest = slowest.fold(reading.value("onsale_gap", "max")?, f64::max);
    Some(longest / 1_000.0)
}

fn between(window: &Window, mut answered: Vec<f64>) -> f64 {
    answered.push(window.began);
    answered.push(window.ended);
    answered.sort_by(f64::total_cmp);
    answered.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
}
