use super::panel::Span;
use crate::{report::Reading, results::What};

/// The phases of a run and its faults, in seconds of the run. A fault lasts until it was mended.
pub(crate) fn spans(reading: &Reading) -> Vec<Span> {
    let ended = reading.seconds(reading.run.ended_at);
    let mut phases: Vec<Span> = Vec::new();
    let mut faults: Vec<Span> = Vec::new();
    for event in &reading.events {
        let at = reading.seconds(event.at);
        let span = |is_fault| Span { from: at, to: ended, name: event.name.clone(), is_fault };
        match event.what {
            What::Phase => {
                if let Some(before) = phases.last_mut() {
                    before.to = at;
                }
                phases.push(span(false));
            }
            What::Fault => faults.push(span(true)),
            What::Mended => {
                if let Some(fault) = faults.iter_mut().rfind(|fault| fault.to >= ended) {
                    fault.to = at;
                }
            }
        }
    }
    phases.extend(faults);
    phases
}
