use plotters::style::RGBColor;

use super::palette;
use crate::results::Series;

/// A part of a plot: curves over one pair of axes. What is drawn is as plain as it can be: few thin rules, each curve with its
/// name at its end, so that nobody has to look up colours in a box that lies over the data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panel {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) curves: Vec<Curve>,
    /// Values that something has to be below, and what they are.
    pub(crate) limits: Vec<(f64, String)>,
    /// Stretches of the horizontal axis.
    pub(crate) spans: Vec<Span>,
}

/// An axis.
#[derive(Clone, Debug, Default)]
pub(crate) struct Axis {
    /// What it is, with its unit.
    pub(crate) title: String,
    pub(crate) scale: Scale,
    /// Where it has to begin and end whatever the values are.
    pub(crate) at_least: Option<(f64, f64)>,
    /// Whether it ends with the last value, and not at the next round number.
    pub(crate) ends_at_last: bool,
}

/// How values lie on an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scale {
    #[default]
    Linear,
    /// Each tenfold is as long.
    Logarithmic,
    /// Shares, each further nine as long: 90 %, 99 %, 99.9 %.
    Nines,
}

/// A line through points, or the points alone.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) color: RGBColor,
    pub(crate) style: Style,
    pub(crate) points: Vec<(f64, f64)>,
    /// Points further apart than this are not joined: nothing is known between them.
    pub(crate) gap: Option<f64>,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Line,
    Dashed,
    /// A line with a dot at each point: points that were measured one by one.
    Dotted,
    /// Crosses that nothing joins: points that are not to be believed.
    Crosses,
}

/// A stretch of time with a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) name: String,
    pub(crate) is_fault: bool,
}

impl Axis {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    pub(crate) fn logarithmic(title: &str) -> Self {
        Self { scale: Scale::Logarithmic, ..Self::new(title) }
    }

    /// Seconds of a run.
    pub(crate) fn time() -> Self {
        Self { ends_at_last: true, ..Self::new("seconds of the run") }
    }

    /// Shows at least this much.
    pub(crate) fn at_least(mut self, from: f64, to: f64) -> Self {
        self.at_least = Some((from, to));
        self
    }
}

impl Curve {
    pub(crate) fn new(
        name: impl Into<String>,
        color: RGBColor,
        style: Style,
        points: Vec<(f64, f64)>,
    ) -> Self {
        Self { name: name.into(), color, style, points, gap: None }
    }

    /// That of a process, of which there may be more than colours.
    pub(crate) fn of_process(index: usize, name: &str, points: Vec<(f64, f64)>) -> Self {
        let style = if index < palette::MANY.len() - 1 { Style::Line } else { Style::Dashed };
        Self::new(name.trim_start_matches("onsale-"), palette::nth(index), style, points)
    }

    /// Does not join points that are further apart than this.
    pub(crate) fn with_gaps(mut self, gap: f64) -> Self {
        self.gap = Some(gap);
        self
    }

    /// Does not join values of a series between which three are missing.
    pub(crate) fn with_gaps_of(self, series: &Series) -> Self {
        self.with_gaps(3.5 * series.step_seconds)
    }

    /// Points that belong together.
    pub(crate) fn stretches(&self) -> impl Iterator<Item = &[(f64, f64)]> {
        self.points.chunk_by(|one, other| self.gap.is_none_or(|gap| other.0 - one.0 <= gap))
    }
}
