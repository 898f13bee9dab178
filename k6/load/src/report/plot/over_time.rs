use super::{
    draw, palette,
    panel::{Axis, Curve, Panel, Style},
    phases,
};
use crate::{
    report::{
        Reading, ReportError,
        content::{Drawing, Plot},
        objective,
        subject::Subject,
    },
    results::Line,
};

/// More calls than these are no longer read side by side.
const MOST: usize = 5;

/// How long calls took in the course of a run, as the generator and as the servers saw it.
pub(crate) fn over_time(subject: &Subject) -> Result<Plot, ReportError> {
    let name = format!("over-time-{}", super::file_name(&subject.label));
    let panels: Vec<Panel> =
        names(subject).iter().filter_map(|call| panel(&subject.reading, call)).take(MOST).collect();
    let drawing = if panels.is_empty() {
        let why = match &subject.reading.series {
            None => "no Prometheus was there, and samples hold no latency",
            Some(_) => "Prometheus kept no latency of the run's calls",
        };
        Drawing::Missing(why.to_owned())
    } else {
        let title = format!("{}: latency over time", subject.label);
        Drawing::Svg(draw::svg(&name, &title, subject.is_valid(), &panels)?)
    };
    Ok(Plot {
        name,
        title: format!("When was it slow? {}", subject.marked()),
        caption: "Percentiles of some seconds each, so that a shorter stall is lower here than it was. The server's line is \
                  what the gateway measured; what is between it and the generator's is the network and the generator. That of \
                  seats holds reads that wait for a write of their own, too."
            .to_owned(),
        drawing,
    })
}

/// The calls that the run is about, or else those that it made, as a visit makes them.
fn names(subject: &Subject) -> Vec<String> {
    let calls = &subject.reading.run.calls;
    let mut names = if calls.is_empty() {
        subject.calls.iter().map(|call| call.name.clone()).collect()
    } else {
        calls.clone()
    };
    names.sort_by_key(|name| VISIT.iter().position(|(call, _)| call == name).unwrap_or(VISIT.len()));
    names
}

fn panel(reading: &Reading, call: &str) -> Option<Panel> {
    let series = reading.series.as_ref()?;
    let find = |question: &str, is: &dyn Fn(&Line) -> bool| {
        let line = series.lines.get(question)?.iter().find(|line| is(line))?;
        let points = line.values.iter().map(|(at, value)| (reading.seconds(*at), value * 1_000.0));
        let points: Vec<(f64, f64)> = points.filter(|(_, value)| *value > 0.0).collect();
        (!points.is_empty()).then_some(points)
    };
    let is_named = |line: &Line| line.labels.get("name").is_some_and(|name| name == call);
    let is_routed = |line: &Line| line.labels.get("http_route").is_some_and(|route| is_route_of(route, call));
    let asked = [("p50", palette::SKY), ("p95", palette::BLUE), ("p99", palette::INK)];
    let mut curves: Vec<Curve> = asked
        .into_iter()
        .filter_map(|(percentile, color)| {
            let points = find(&format!("client_{percentile}"), &is_named)?;
            Some(
                Curve::new(format!("{percentile} generator"), color, Style::Line, points)
                    .with_gaps_of(series),
            )
        })
        .collect();
    let at_server = find("server_p99", &is_routed);
    curves.extend(
        at_server.map(|points| {
            Curve::new("p99 server", palette::GREEN, Style::Dashed, points).with_gaps_of(series)
        }),
    );
    if curves.is_empty() {
        return None;
    }
    let limit = objective::of_call(reading, call, "p(99)");
    Some(Panel {
        x: Axis::time(),
        y: Axis::logarithmic(&format!("{call}, ms")),
        curves,
        limits: limit.into_iter().map(|limit| (limit, format!("p99 has to be below {limit} ms"))).collect(),
        spans: phases::spans(reading),
    })
}

/// Calls in the order of a visit, and how the routes end that the gateway names their requests by.
const VISIT: [(&str, &str); 9] = [
    ("token", "/queues/token"),
    ("status", "/queues/status"),
    ("schedules", "/schedules"),
    ("seats", "/seats"),
    ("hold", "/holds"),
    ("checkout", "/checkout"),
    ("confirm", "/confirmation"),
    ("room", "/rooms/{roomId}"),
    ("concerts", "/concerts"),
];

/// Whether the gateway names a call's requests by this route.
fn is_route_of(route: &str, call: &str) -> bool {
    let end = VISIT.iter().find(|(name, _)| *name == call).map(|(_, end)| *end);
    end.is_some_and(|end| route.ends_with(end)) && (call != "hold" || route.contains("/schedules/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_one_call_s() {
        let holds = "/api/concerts/{concertId}/schedules/{concertScheduleId}/holds";
        assert!(is_route_of(holds, "hold") && !is_route_of("/api/holds", "hold"));
        assert!(is_route_of("/api/queues/token", "token") && !is_route_of("/api/queues/token", "status"));
    }
}
