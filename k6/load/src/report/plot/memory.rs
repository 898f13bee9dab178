use std::collections::BTreeMap;

use super::{
    draw,
    panel::{Axis, Curve, Panel},
    phases,
};
use crate::report::{
    Reading, ReportError,
    content::{Drawing, Plot},
    subject::Subject,
};

/// Which process had how much memory.
pub(crate) fn memory(subject: &Subject) -> Result<Plot, ReportError> {
    let name = format!("memory-{}", super::file_name(&subject.label));
    let curves = processes(&subject.reading);
    let drawing = if curves.is_empty() {
        Drawing::Missing("there is no sample of a process on this machine".to_owned())
    } else {
        let spans = phases::spans(&subject.reading);
        let panel =
            Panel { x: Axis::time(), y: Axis::logarithmic("MiB in RAM"), curves, spans, ..Panel::default() };
        let title = format!("{}: memory of each process", subject.label);
        Drawing::Svg(draw::svg(&name, &title, subject.is_valid(), &[panel])?)
    };
    Ok(Plot {
        name,
        title: format!("How much memory did each take? {}", subject.marked()),
        caption: "The vertical axis is logarithmic. Where one is a family of processes, as Postgres is, its memory is what each has of \
                  its own and the most that one of them shares."
            .to_owned(),
        drawing,
    })
}

/// By process, the largest first.
fn processes(reading: &Reading) -> Vec<Curve> {
    let mut points: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in reading.samples_apart() {
        for (name, process) in sample.processes.iter().filter(|(_, process)| process.resident_bytes > 0) {
            let point = (reading.seconds(sample.at), process.resident_mebibytes());
            points.entry(name).or_default().push(point);
        }
    }
    let mut largest: Vec<(&str, Vec<(f64, f64)>)> = points.into_iter().collect();
    let most = |points: &[(f64, f64)]| points.iter().map(|(_, mebibytes)| *mebibytes).fold(0.0, f64::max);
    largest.sort_by(|(_, one), (_, other)| most(other).total_cmp(&most(one)));
    let curves = largest.into_iter().enumerate();
    curves.map(|(index, (name, points))| Curve::of_process(index, name, points)).collect()
}
