//! The plots of a report.

mod cpu;
mod draw;
mod palette;
mod panel;
mod percentiles;
mod phases;
mod ticks;

use super::{ReportError, content::Block, subject::Subject};

/// Every plot, or in its place why it is not there.
pub(crate) fn plots(subjects: &[Subject]) -> Result<Vec<Block>, ReportError> {
    let mut blocks = vec![Block::heading(2, "Plots")];
    for subject in subjects {
        blocks.push(Block::heading(3, subject.marked()));
        for plot in [percentiles::percentiles, cpu::cpu] {
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
