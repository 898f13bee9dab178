use super::{
    draw, palette,
    panel::{Axis, Curve, Panel, Style},
};
use crate::report::{
    ReportError,
    content::{Drawing, Plot},
    rates::{Ladder, Step},
};

/// How long a call takes, and how much of it succeeds, by how much is offered.
pub(crate) fn by_rate(ladders: &[Ladder]) -> Result<Vec<Plot>, ReportError> {
    if ladders.is_empty() {
        let why = "neither a capacity nor two runs of one scenario at different rates and the same place are in the report";
        return Ok([LATENCY, GOODPUT].map(|what| plot(what, "", Drawing::Missing(why.to_owned()))).into());
    }
    let mut plots = Vec::new();
    for ladder in ladders {
        plots.push(drawn(LATENCY, ladder, latency(ladder))?);
        plots.push(drawn(GOODPUT, ladder, goodput(ladder))?);
    }
    Ok(plots)
}

/// A plot of a ladder: the start of its name, its question and what is needed to read it.
type What = (&'static str, &'static str, &'static str);

const LATENCY: What = (
    "latency-by-rate",
    "How slow does it get with more load?",
    "Each dot is a measured step, of repeats the middle; a cross is a step that is not valid. The dotted lines are the \
     objectives: capacity is where a percentile first crosses its own.",
);
const GOODPUT: What = (
    "goodput-by-rate",
    "How much of what is offered is served?",
    "Good answers a second. On the dashed line all that is offered is served; a system that bears overload stays level beyond \
     its capacity, and does not fall.",
);

fn plot((name, question, caption): What, of: &str, drawing: Drawing) -> Plot {
    let end = if of.is_empty() { String::new() } else { format!("-{}", super::file_name(of)) };
    Plot {
        name: format!("{name}{end}"),
        title: format!("{question} {of}").trim_end().to_owned(),
        caption: caption.to_owned(),
        drawing,
    }
}

fn drawn(what: What, ladder: &Ladder, panel: Panel) -> Result<Plot, ReportError> {
    if panel.curves.iter().all(|curve| curve.points.is_empty()) {
        return Ok(plot(what, &ladder.name, Drawing::Missing("its steps were not measured".to_owned())));
    }
    let title = format!("{}: {}", ladder.name, what.0.replace('-', " "));
    let svg = draw::svg(what.0, &title, ladder.is_valid(), &[panel])?;
    Ok(plot(what, &ladder.name, Drawing::Svg(svg)))
}

fn latency(ladder: &Ladder) -> Panel {
    let curve = |name: &str, color, value: fn(&crate::report::call::Latency) -> Option<f64>| {
        let steps = ladder.steps.iter().filter(|step| step.is_valid);
        Curve::new(
            name,
            color,
            Style::Dotted,
            steps.filter_map(|step| Some((step.offered, value(&step.latency)?))).collect(),
        )
    };
    Panel {
        x: Axis::new("offered, iterations a second"),
        y: Axis::logarithmic("latency, ms"),
        curves: [
            curve("p50", palette::SKY, |latency| latency.p50),
            curve("p95", palette::BLUE, |latency| latency.p95),
            curve("p99", palette::INK, |latency| latency.p99),
        ]
        .into_iter()
        .chain(not_valid(ladder, "p99, not valid", |step| step.latency.p99))
        .collect(),
        limits: ladder.limits.clone(),
        ..Panel::default()
    }
}

fn goodput(ladder: &Ladder) -> Panel {
    let valid = ladder.steps.iter().filter(|step| step.is_valid);
    let points: Vec<(f64, f64)> = valid.filter_map(|step| Some((step.offered, step.goodput?))).collect();
    let measured = ladder.steps.iter().filter(|step| step.goodput.is_some());
    let most = measured.map(|step| step.offered).fold(0.0, f64::max);
    let all = if most > 0.0 { vec![(0.0, 0.0), (most, most)] } else { Vec::new() };
    Panel {
        x: Axis::new("offered, iterations a second"),
        y: Axis::new("good answers a second"),
        curves: [
            Curve::new("all that is offered", palette::GREY, Style::Dashed, all),
            Curve::new("served", palette::GREEN, Style::Dotted, points),
        ]
        .into_iter()
        .chain(not_valid(ladder, "served, not valid", |step| step.goodput))
        .collect(),
        ..Panel::default()
    }
}

/// Steps that say nothing about the system, where there are any.
fn not_valid(ladder: &Ladder, name: &str, value: fn(&Step) -> Option<f64>) -> Option<Curve> {
    let steps = ladder.steps.iter().filter(|step| !step.is_valid);
    let points: Vec<(f64, f64)> = steps.filter_map(|step| Some((step.offered, value(step)?))).collect();
    (!points.is_empty()).then(|| Curve::new(name, palette::VERMILION, Style::Crosses, points))
}
