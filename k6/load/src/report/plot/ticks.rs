//! Where an axis has its marks, and what stands at them.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::panel::{Axis, Scale};
use crate::report::number::{fixed, number};

/// An axis with its extent, in the units that it is drawn in, and its marks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) at: Vec<f64>,
    scale: Scale,
    /// How many decimals the marks of a linear axis need.
    decimals: usize,
}

impl Scale {
    /// A value in the units that the axis is drawn in.
    pub(crate) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Logarithmic => value.max(1e-6).log10(),
            Self::Nines => -(1.0 - value.min(1.0 - 1e-9)).log10(),
        }
    }
}

impl Ticks {
    /// Marks for these values.
    pub(crate) fn of(axis: &Axis, values: impl Iterator<Item = f64>) -> Self {
        let scale = axis.scale;
        let more = axis.at_least.into_iter().flat_map(|(from, to)| [from, to]);
        let placed = values
            .chain(more)
            .filter(|value| value.is_finite() && (scale != Scale::Logarithmic || *value > 0.0));
        let (low, high) = placed
            .map(|value| scale.place(value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        match scale {
            Scale::Linear => linear(low, high, axis.ends_at_last),
            Scale::Logarithmic => logarithmic(low, high),
            Scale::Nines => nines(high),
        }
    }

    /// What stands at a mark.
    pub(crate) fn text(&self, at: f64) -> String {
        match self.scale {
            Scale::Linear => fixed(at, self.decimals),
            Scale::Logarithmic => number(10_f64.powf(at)),
            Scale::Nines => {
                let share = 100.0 * (1.0 - 10_f64.powf(-at));
                let decimals = if at > 2.5 { (at.round() - 2.0).max(0.0) } else { 0.0 };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few digits")]
                let decimals = decimals as usize;
                format!("{share:.decimals$} %")
            }
        }
    }
}

/// How the drawing library asks an axis.
impl Ranged for Ticks {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[expect(clippy::cast_possible_truncation, reason = "pixels of a plot")]
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.from) / (self.to - self.from);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.at.clone()
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Ticks {
    fn format(at: &f64) -> String {
        number(*at)
    }

    fn format_ext(&self, at: &f64) -> String {
        self.text(*at)
    }
}

/// Round numbers, from zero where the values are not all far from it.
fn linear(low: f64, high: f64, is_exact: bool) -> Ticks {
    let low = if low > 0.0 { 0.0 } else { low };
    let high = if high > low { high } else { low + 1.0 };
    let step = step((high - low) / 5.0);
    let first = (low / step).floor();
    let last = if is_exact { (high / step + 1e-6).floor() } else { (high / step - 1e-6).ceil() };
    let to = if is_exact { high } else { last * step };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few digits")]
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    Ticks { from: first * step, to, at: every(first, last, step), scale: Scale::Linear, decimals }
}

/// The next of 1, 2, 5, 10, 20, …
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|times| times * power)
        .find(|step| *step >= least * 0.999)
        .unwrap_or(10.0 * power)
}

fn every(first: f64, last: f64, step: f64) -> Vec<f64> {
    let mut at = Vec::new();
    let mut next = first;
    while next <= last + 0.5 && at.len() < 50 {
        at.push(next * step);
        next += 1.0;
    }
    at
}

/// 1, 2, 5 of each tenfold where there are few of them, else the tenfolds.
fn logarithmic(low: f64, high: f64) -> Ticks {
    let (low, high) = if high - low < 0.3 { (low - 0.15, high + 0.15) } else { (low, high) };
    let within: &[f64] = if high - low > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let decades = every(low.floor(), high.ceil(), 1.0);
    let marks = decades.iter().flat_map(|decade| within.iter().map(move |times| decade + times.log10()));
    let marks: Vec<f64> = marks.collect();
    let from = marks.iter().copied().filter(|mark| *mark <= low + 1e-9).fold(low.floor(), f64::max);
    let to = marks.iter().copied().filter(|mark| *mark >= high - 1e-9).fold(high.ceil(), f64::min);
    let at = marks.into_iter().filter(|mark| (from - 1e-9..=to + 1e-9).contains(mark)).collect();
    Ticks { from, to, at, scale: Scale::Logarithmic, decimals: 0 }
}

/// 0 %, 50 %, 90 %, 99 %, …
fn nines(high: f64) -> Ticks {
    let to = high.max(2.0);
    let mut at = vec![0.0, Scale::Nines.place(0.5)];
    at.extend(every(1.0, to.floor(), 1.0));
    Ticks { from: 0.0, to, at, scale: Scale::Nines, decimals: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis, values: &[f64]) -> Vec<String> {
        let ticks = Ticks::of(axis, values.iter().copied());
        ticks.at.iter().map(|at| ticks.text(*at)).collect()
    }

    #[test]
    fn marks_are_round_numbers_around_the_values() {
        assert_eq!(texts(&Axis::new("s"), &[3.0, 88.0]), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(texts(&Axis::new("s"), &[]), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(&Axis::logarithmic("ms"), &[0.6, 17.0]), ["0.50", "1", "2", "5", "10", "20"]);
        assert_eq!(texts(&Axis::time(), &[3.0, 88.0]), ["0", "20", "40", "60", "80"]);
        let tenfolds = ["0.10", "1", "10", "100", "1,000", "10,000"];
        assert_eq!(texts(&Axis::logarithmic("ms"), &[0.6, 9_000.0]), tenfolds);
    }

    #[test]
    fn each_nine_is_as_long() {
        let axis = Axis { scale: Scale::Nines, ..Axis::new("share") };
        assert_eq!(texts(&axis, &[0.5, 0.9995]), ["0 %", "50 %", "90 %", "99 %", "99.9 %"]);
    }
}
