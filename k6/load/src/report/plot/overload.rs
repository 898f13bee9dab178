use super::{
    draw, palette,
    panel::{Axis, Curve, Panel, Span, Style},
};
use crate::{
    report::{
        ReportError,
        content::{Drawing, Plot},
        subject::Subject,
    },
    results::{Moment, Overload},
};

/// What became of requests before, in and after an overload; `None` of a run that was none.
pub(crate) fn overload(subject: &Subject) -> Result<Option<Plot>, ReportError> {
    let Some(overload) = &subject.reading.overload else { return Ok(None) };
    let name = format!("overload-{}", super::file_name(&subject.label));
    let title = format!("{}: answers by when requests were made", subject.label);
    let drawing = draw::svg(&name, &title, subject.is_valid(), &[panel(overload)])?;
    Ok(Some(Plot {
        name,
        title: format!("What became of those who were too many? {}", subject.marked()),
        caption:
            "Half-second steps. In time is what is promised of 99 %; told to come back are refusals with 503."
                .to_owned(),
        drawing: Drawing::Svg(drawing),
    }))
}

fn panel(overload: &Overload) -> Panel {
    let curve = |name: &str, color, style, of: fn(&Moment) -> f64| {
        let points = overload.course.iter().map(|moment| (moment.at, of(moment))).collect();
        Curve::new(name, color, style, points)
    };
    let Overload { capacity, during, after, .. } = overload;
    let end = overload.course.last().map_or(0.0, |moment| moment.at);
    let (from, to) = (end - after.seconds - during.seconds, end - after.seconds);
    let span = |from: f64, to: f64, name: &str| Span { from, to, name: name.to_owned(), is_fault: false };
    Panel {
        x: Axis { title: "seconds".to_owned(), ..Axis::time() },
        y: Axis::new("requests a second").at_least(0.0, *capacity),
        curves: vec![
            curve("in time", palette::BLUE, Style::Line, |moment| moment.good),
            curve("late", palette::PURPLE, Style::Line, |moment| moment.late),
            curve("told to come back", palette::ORANGE, Style::Line, |moment| moment.refused),
            curve("failed", palette::VERMILION, Style::Line, |moment| moment.failed),
        ],
        limits: vec![(*capacity, "the capacity".to_owned())],
        spans: vec![span(0.0, from, "half of it"), span(from, to, "overload"), span(to, end, "half of it")],
    }
}
