//! The plots of a report.

mod by_rate;
mod cpu;
mod draw;
mod line_depth;
mod memory;
mod over_time;
mod overload;
mod palette;
mod panel;
mod percentiles;
mod phases;
mod statuses;
mod ticks;
mod view_age;

use super::{
    ReportError,
    content::{Block, Plot},
    rates::Ladder,
    subject::Subject,
};

/// Draws a plot of one run.
type OfRun = fn(&Subject) -> Result<Plot, ReportError>;

const OF_RUN: [OfRun; 7] = [
    over_time::over_time,
    percentiles::percentiles,
    statuses::statuses,
    line_depth::line_depth,
    view_age::view_age,
    cpu::cpu,
    memory::memory,
];

/// Every plot, or in its place why it is not there.
pub(crate) fn plots(subjects: &[Subject], ladders: &[Ladder]) -> Result<Vec<Block>, ReportError> {
    let mut blocks = vec![Block::heading(2, "Plots"), Block::heading(3, "By what was offered")];
    blocks.extend(by_rate::by_rate(ladders)?.into_iter().map(Block::Plot));
    for subject in subjects {
        blocks.push(Block::heading(3, subject.marked()));
        blocks.extend(overload::overload(subject)?.map(Block::Plot));
        for plot in OF_RUN {
            blocks.push(Block::Plot(plot(subject)?));
        }
    }
    Ok(blocks)
}

/// A name as part of a file's.
fn file_name(label: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    label.chars().map(|character| if is_plain(character) { character } else { '-' }).collect()
}
