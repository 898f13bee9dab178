use crate::report::{
    content::{Block, Drawing},
    search::Search,
    subject::Subject,
};

/// What the report does not know, and why.
pub(crate) fn missing(subjects: &[Subject], searches: &[Search], written: &[Block]) -> Vec<Block> {
    let mut items: Vec<(String, String)> = Vec::new();
    for subject in subjects {
        let files = subject.reading.missing.iter();
        items.extend(files.map(|(file, why)| (format!("{} {file}", subject.label), why.clone())));
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
            let why = format!(
                "the runs of {lost} of {steps} steps are not there, so that of those only p95, p99 and what was \
                 done is known"
            );
            items.push((format!("capacity {}", search.label), why));
        }
    }
    for block in written {
        if let Block::Plot(plot) = block
            && let Drawing::Missing(why) = &plot.drawing
        {
            items.push((format!("plot {}", plot.name), why.clone()));
        }
    }
    let heading = Block::heading(2, "What is missing");
    if items.is_empty() {
        return vec![heading, Block::text("Nothing that a run can leave behind.")];
    }
    vec![heading, Block::Bullets(by_reason(items))]
}

/// What is missing for one reason, on one line.
fn by_reason(items: Vec<(String, String)>) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (what, why) in items {
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, all)) => all.push(what),
            None => reasons.push((why, vec![what])),
        }
    }
    reasons.into_iter().map(|(why, all)| format!("{}: {why}", all.join(", "))).collect()
}
