use crate::report::{
    content::{Block, Drawing},
    subject::Subject,
};

/// What the report does not know, and why.
pub(crate) fn missing(subjects: &[Subject], written: &[Block]) -> Vec<Block> {
    let mut items = Vec::new();
    for subject in subjects {
        items.extend(subject.reading.missing.iter().map(|missing| format!("{}: {missing}", subject.label)));
    }
    for block in written {
        if let Block::Plot(plot) = block
            && let Drawing::Missing(why) = &plot.drawing
        {
            items.push(format!("plot {}: {why}", plot.name));
        }
    }
    if items.is_empty() {
        items.push("Nothing that a run can leave behind.".to_owned());
    }
    vec![Block::heading(2, "What is missing"), Block::Bullets(items)]
}
