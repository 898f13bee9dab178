use crate::report::{
    content::{Block, Drawing},
    search::Search,
    subject::Subject,
};

/// What the report does not know, and why.
pub(crate) fn missing(subjects: &[Subject], searches: &[Search], written: &[Block]) -> Vec<Block> {
    let mut items = Vec::new();
    for subject in subjects {
        items.extend(subject.reading.missing.iter().map(|missing| format!("{}: {missing}", subject.label)));
    }
    for search in searches {
        let steps = search.capacity.steps.len();
        let known = search
            .capacity
            .steps
            .iter()
            .filter(|step| search.runs.contains_key(&step.measured.test_id))
            .count();
        if known < steps {
            let lost = steps - known;
            items.push(format!(
                "capacity {}: the runs of {lost} of {steps} steps are not there, so that of those only p95, p99 and what was \
                 done is known",
                search.label
            ));
        }
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
