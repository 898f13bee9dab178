use super::{
    draw, palette,
    panel::{Axis, Curve, Panel, Scale, Style},
};
use crate::report::{
    ReportError,
    call::{Call, Latency},
    content::{Drawing, Plot},
    subject::Subject,
};

/// How long the slowest of so many took, for each call of a run: the whole shape rather than one number of it.
pub(crate) fn percentiles(subject: &Subject) -> Result<Plot, ReportError> {
    let name = format!("percentiles-{}", super::file_name(&subject.label));
    let calls = shown(subject);
    let curves: Vec<Curve> = calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            Curve::new(&call.name, palette::nth(index), Style::Dotted, points(&call.latency, call.requests))
        })
        .collect();
    let drawing = if curves.is_empty() {
        Drawing::Missing("the run's summary tells no call's latency".to_owned())
    } else {
        let x = Axis { scale: Scale::Nines, ..Axis::new("share of requests that were faster") };
        let panel = Panel { x, y: Axis::logarithmic("latency, ms"), curves, ..Panel::default() };
        let title = format!("{}: latency by percentile", subject.label);
        Drawing::Svg(draw::svg(&name, &title, subject.is_valid(), &[panel])?)
    };
    Ok(Plot {
        name,
        title: format!("How slow were the slow ones? {}", subject.marked()),
        caption: "Both axes are logarithmic; the last dot of a call is its slowest request. At most seven \
                  calls are drawn; the table has all."
            .to_owned(),
        drawing,
    })
}

/// The calls that the run is about, or else the most frequent ones: no more than there are colours.
fn shown(subject: &Subject) -> Vec<&Call> {
    let mut calls: Vec<&Call> = subject.calls.iter().filter(|call| call.latency.p50.is_some()).collect();
    if calls.len() > palette::MANY.len() {
        let is_about = |call: &Call| subject.reading.run.calls.contains(&call.name);
        let frequency = |call: &Call| call.requests.unwrap_or(0.0);
        calls.sort_by(|one, other| {
            is_about(other).cmp(&is_about(one)).then(frequency(other).total_cmp(&frequency(one)))
        });
        calls.truncate(palette::MANY.len());
    }
    calls
}

fn points(latency: &Latency, requests: Option<f64>) -> Vec<(f64, f64)> {
    let slowest = requests.filter(|requests| *requests > 1.0).map(|requests| 1.0 - 1.0 / requests);
    let known = [
        (Some(0.5), latency.p50),
        (Some(0.9), latency.p90),
        (Some(0.95), latency.p95),
        (Some(0.99), latency.p99),
        (Some(0.999), latency.p999),
        (slowest, latency.max),
    ];
    let mut points: Vec<(f64, f64)> =
        known.into_iter().filter_map(|(share, value)| share.zip(value)).collect();
    // Of fewer than a thousand requests the slowest of a thousand is not known.
    points.retain(|(share, _)| slowest.is_none_or(|slowest| *share <= slowest));
    points.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    points
}
