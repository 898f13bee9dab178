use super::{
    draw, palette,
    panel::{Axis, Curve, Panel, Scale, Style},
    phases,
};
use crate::report::{
    Reading, ReportError,
    content::{Drawing, Plot},
    objective,
    subject::Subject,
};

/// How old what visitors saw of seats was, against what is promised.
pub(crate) fn view_age(subject: &Subject) -> Result<Plot, ReportError> {
    let name = format!("view-age-{}", super::file_name(&subject.label));
    let panel = over_time(&subject.reading).or_else(|| by_percentile(&subject.reading));
    let drawing = match panel {
        None => Drawing::Missing("no answer with seats was seen, so that nothing has an age".to_owned()),
        Some(panel) => {
            let title = format!("{}: age of views", subject.label);
            Drawing::Svg(draw::svg(&name, &title, subject.is_valid(), &[panel])?)
        }
    };
    Ok(Plot {
        name,
        title: format!("How old was what visitors saw? {}", subject.marked()),
        caption: "What is shown of seats may be no older than its bound, or the gateway refuses to show it."
            .to_owned(),
        drawing,
    })
}

fn over_time(reading: &Reading) -> Option<Panel> {
    let series = reading.series.as_ref()?;
    let questions =
        [("seats_age_p99", "seats, p99", palette::BLUE), ("room_view_age", "room, oldest", palette::GREEN)];
    let curves: Vec<Curve> = questions
        .into_iter()
        .filter_map(|(question, name, color)| {
            let line = series.lines.get(question)?.first()?;
            let points =
                line.values.iter().map(|(at, value)| (reading.seconds(*at), value * 1_000.0)).collect();
            Some(Curve::new(name, color, Style::Line, points).with_gaps_of(series))
        })
        .collect();
    let spans = phases::spans(reading);
    (!curves.is_empty()).then(|| Panel {
        x: Axis::time(),
        y: Axis::new("age, ms"),
        curves,
        limits: bound(reading),
        spans,
    })
}

fn by_percentile(reading: &Reading) -> Option<Panel> {
    let known = [(0.5, "p(50)"), (0.9, "p(90)"), (0.95, "p(95)"), (0.99, "p(99)"), (0.999, "p(99.9)")];
    let count = reading.value("onsale_seats_age", "count").filter(|count| *count > 1.0)?;
    let points = known.into_iter().filter(|(share, _)| *share < 1.0 - 1.0 / count);
    let points = points.filter_map(|(share, value)| Some((share, reading.value("onsale_seats_age", value)?)));
    let mut points: Vec<(f64, f64)> = points.collect();
    points.extend(reading.value("onsale_seats_age", "max").map(|max| (1.0 - 1.0 / count, max)));
    let x = Axis { scale: Scale::Nines, ..Axis::new("share of answers that were younger") };
    let curves = vec![Curve::new("seats", palette::BLUE, Style::Dotted, points)];
    Some(Panel { x, y: Axis::new("age, ms"), curves, limits: bound(reading), ..Panel::default() })
}

fn bound(reading: &Reading) -> Vec<(f64, String)> {
    let bound = objective::of_metric(reading, "onsale_seats_age", "max");
    bound.into_iter().map(|bound| (bound, format!("bound for seats, {bound} ms"))).collect()
}
