use std::collections::BTreeMap;

use super::{
    draw, palette,
    panel::{Axis, Curve, Panel, Style},
    phases,
};
use crate::report::{
    Reading, ReportError,
    content::{Drawing, Plot},
    subject::Subject,
};

/// Which process kept how many processors busy.
pub(crate) fn cpu(subject: &Subject) -> Result<Plot, ReportError> {
    let name = format!("cpu-{}", super::file_name(&subject.label));
    let mut curves = processes(&subject.reading);
    let drawing = if curves.is_empty() {
        Drawing::Missing("there are no two samples of a process on this machine".to_owned())
    } else {
        let machine = machine(&subject.reading);
        if !machine.is_empty() {
            curves.push(Curve::new("whole machine", palette::GREY, Style::Dashed, machine));
        }
        #[expect(clippy::cast_precision_loss, reason = "a machine has few processors")]
        let processors = subject.reading.run.environment.processors as f64;
        let panel = Panel {
            x: Axis::time(),
            y: Axis::new("processors kept busy").at_least(0.0, processors),
            curves,
            limits: vec![(processors, format!("the machine has {processors}"))],
            spans: phases::spans(&subject.reading),
        };
        let title = format!("{}: CPU of each process", subject.label);
        Drawing::Svg(draw::svg(&name, &title, subject.is_valid(), &[panel])?)
    };
    Ok(Plot {
        name,
        title: format!("What was the machine busy with? {}", subject.marked()),
        caption: "CPU seconds of a process for each second between two samples. The machine's line holds everything on it, the generator too."
            .to_owned(),
        drawing,
    })
}

/// By process, those that did something, the busiest first.
fn processes(reading: &Reading) -> Vec<Curve> {
    let mut points: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    let samples = reading.samples_apart();
    for (earlier, later) in samples.iter().zip(samples.iter().skip(1)) {
        let seconds = reading.seconds(later.at) - reading.seconds(earlier.at);
        for (name, process) in later.processes.iter().filter(|_| seconds > 0.0) {
            let Some(before) = earlier.processes.get(name) else { continue };
            let used = (process.cpu_seconds - before.cpu_seconds) / seconds;
            // Less than before is a process that was started anew.
            if used >= 0.0 {
                points.entry(name).or_default().push((reading.seconds(later.at), used));
            }
        }
    }
    let mut busiest: Vec<(&str, Vec<(f64, f64)>)> = points.into_iter().collect();
    let used = |points: &[(f64, f64)]| points.iter().map(|(_, used)| used).sum::<f64>();
    busiest.sort_by(|(_, one), (_, other)| used(other).total_cmp(&used(one)));
    busiest
        .into_iter()
        .enumerate()
        .map(|(index, (name, points))| Curve::of_process(index, name, points))
        .collect()
}

fn machine(reading: &Reading) -> Vec<(f64, f64)> {
    let samples = reading.samples_apart();
    samples
        .iter()
        .zip(samples.iter().skip(1))
        .filter_map(|(earlier, later)| {
            let seconds = reading.seconds(later.at) - reading.seconds(earlier.at);
            let busy = later.machine.busy_seconds - earlier.machine.busy_seconds;
            (seconds > 0.0 && later.machine.total_seconds > 0.0)
                .then(|| (reading.seconds(later.at), busy / seconds))
        })
        .collect()
}
