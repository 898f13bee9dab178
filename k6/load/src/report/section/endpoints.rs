use crate::report::{
    call::Call,
    content::Block,
    figures::Figures,
    language::{Column, Word},
    plateau::Plateau,
    subject::Subject,
    table::{Cell, Row, Table},
};

/// What was offered to each call, what came of it and how long it took.
pub(crate) fn endpoints(subjects: &[Subject], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = vec![Block::heading(2, "Calls")];
    let table = |subjects: &[Subject]| {
        let rows = subjects.iter().flat_map(|subject| {
            let calls = subject.calls.iter().map(|call| row(subject, call));
            iterations(subject).into_iter().chain(calls)
        });
        Table::new(COLUMNS, rows)
    };
    for subject in subjects {
        figures.tables.insert(format!("calls.{}", subject.label), table(std::slice::from_ref(subject)));
    }
    let all = table(subjects);
    figures.tables.insert("calls".to_owned(), all.clone());
    if all.rows.is_empty() {
        blocks.push(Block::text("No run has a summary that tells calls apart."));
        return blocks;
    }
    blocks.push(Block::Table(all));
    let missed: Vec<String> = subjects
        .iter()
        .flat_map(|subject| subject.calls.iter().map(move |call| (subject, call)))
        .filter(|(_, call)| !call.missed.is_empty())
        .map(|(subject, call)| {
            format!("{}: {} did not keep {}", subject.marked(), call.name, call.missed.join(", "))
        })
        .collect();
    if !missed.is_empty() {
        blocks.push(Block::Bullets(missed));
    }
    blocks.push(Block::text(
        "Failed are 5xx, no answer, and answers that the script did not expect. \
         A dash is a figure that nobody took, which is not zero, or a percentile of too few requests. What was dropped never \
         began, and is in no other figure: a run that dropped is slower than its percentiles say.",
    ));
    blocks
}

const COLUMNS: [Column; 16] = [
    Column::Run,
    Column::Call,
    Column::Offered,
    Column::Achieved,
    Column::Ok,
    Column::NotModified,
    Column::Refused,
    Column::Failed,
    Column::Dropped,
    Column::P50,
    Column::P90,
    Column::P95,
    Column::P99,
    Column::P999,
    Column::Max,
    Column::Objective,
];

/// What was offered as a whole, where each iteration makes several calls.
fn iterations(subject: &Subject) -> Option<Row> {
    let (summary, plateau) = (subject.reading.summary.as_ref()?, Plateau::of_run(&subject.reading)?);
    let mut cells = vec![Cell::Unknown; COLUMNS.len()];
    cells[0] = Cell::text(&subject.label);
    cells[1] = Cell::text("whole iterations");
    cells[2] = Cell::Number(plateau.offered());
    cells[3] = plateau.count(summary, "iterations").map(|count| count / plateau.seconds()).into();
    cells[8] = plateau.count(summary, "dropped_iterations").into();
    Some(Row::new(cells).not_valid(!subject.is_valid()))
}

fn row(subject: &Subject, call: &Call) -> Row {
    let Call { answers, latency, .. } = call;
    let objective = match call.is_kept {
        None => Cell::Unknown,
        Some(true) => Cell::Word(Word::Kept),
        Some(false) => Cell::Word(Word::Missed),
    };
    let cells = [
        Cell::text(&subject.label),
        Cell::text(&call.name),
        call.offered.into(),
        call.achieved.into(),
        answers.ok.into(),
        answers.not_modified.into(),
        answers.refused.into(),
        answers.failed.into(),
        call.dropped.into(),
        latency.p50.into(),
        latency.p90.into(),
        latency.p95.into(),
        latency.p99.into(),
        latency.p999.into(),
        latency.max.into(),
        objective,
    ];
    Row::new(cells).not_valid(!subject.is_valid())
}
