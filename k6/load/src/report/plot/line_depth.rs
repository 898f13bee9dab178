use super::{
    draw, palette,
    panel::{Axis, Curve, Panel, Style},
    phases,
};
use crate::{
    report::{
        Reading, ReportError,
        content::{Drawing, Plot},
        subject::Subject,
    },
    results::Room,
};

/// How many stood in line and were in, and how fast they came and were called.
pub(crate) fn line_depth(subject: &Subject) -> Result<Plot, ReportError> {
    let name = format!("line-{}", super::file_name(&subject.label));
    let reading = &subject.reading;
    let is_seen = reading.samples.iter().filter(|sample| sample.room.is_some()).count() > 1;
    let drawing = if is_seen {
        let title = format!("{}: the line and admissions", subject.label);
        Drawing::Svg(draw::svg(&name, &title, subject.is_valid(), &[depth(reading), flow(reading)])?)
    } else {
        Drawing::Missing("the run had no room, or it was seen in fewer than two samples".to_owned())
    };
    Ok(Plot {
        name,
        title: format!("How long was the line, and who was let in? {}", subject.marked()),
        caption:
            "As an operator sees the room, about once a second, more often in a short run and less often in a long one; a line is broken where the room could not be seen."
                .to_owned(),
        drawing,
    })
}

fn depth(reading: &Reading) -> Panel {
    let curve = |name: &str, color, of: &dyn Fn(&Room) -> u64| {
        let samples = reading.samples_apart();
        let rooms =
            samples.iter().filter_map(|sample| Some((reading.seconds(sample.at), sample.room.as_ref()?)));
        let points = rooms.map(|(at, room)| (at, number(of(room)))).collect();
        Curve::new(name, color, Style::Line, points).with_gaps(reading.gap())
    };
    Panel {
        x: Axis::time(),
        y: Axis::new("visitors"),
        curves: vec![
            curve("ready", palette::VERMILION, &|room| room.ready),
            curve("sessions", palette::GREEN, &|room| room.active),
            curve("waiting", palette::BLUE, &|room| room.last_number.saturating_sub(room.serving)),
        ],
        limits: Vec::new(),
        spans: phases::spans(reading),
    }
}

fn flow(reading: &Reading) -> Panel {
    let curve = |name: &str, color, style, of: fn(&Room) -> u64| {
        let samples = reading.samples_apart();
        let pairs = samples.iter().zip(samples.iter().skip(1));
        let points = pairs.filter_map(|(earlier, later)| {
            let (before, after) = (of(earlier.room.as_ref()?), of(later.room.as_ref()?));
            let (from, to) = (reading.seconds(earlier.at), reading.seconds(later.at));
            (to > from).then(|| (to, number(after.saturating_sub(before)) / (to - from)))
        });
        Curve::new(name, color, style, points.collect()).with_gaps(reading.gap())
    };
    Panel {
        x: Axis::time(),
        y: Axis::new("visitors a second"),
        curves: vec![
            curve("called", palette::GREEN, Style::Line, |room| room.serving),
            curve("joined", palette::BLUE, Style::Dashed, |room| room.last_number),
        ],
        limits: Vec::new(),
        spans: phases::spans(reading),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of visitors are far from 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}
