use crate::report::{
    content::Block,
    figures::Figures,
    gap::{self, Window},
    language::{Column, Word},
    number::number,
    subject::Subject,
    table::{Cell, Row, Table},
};

/// What was broken on purpose, and what came of it.
pub(crate) fn faults(subjects: &[Subject], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = vec![Block::heading(2, "Faults")];
    let rows: Vec<Row> = subjects.iter().flat_map(|subject| rows(subject, figures)).collect();
    let columns = [
        Column::Run,
        Column::Fault,
        Column::Began,
        Column::Lasted,
        Column::Visitors,
        Column::Gap,
        Column::Invariants,
    ];
    let table = Table::new(columns, rows);
    figures.tables.insert("faults".to_owned(), table.clone());
    if table.rows.is_empty() {
        blocks.push(Block::text("Nothing was broken on purpose."));
        return blocks;
    }
    blocks.push(Block::Table(table));
    blocks.push(Block::text(
        "The gap is the longest time that a visitor waited for a good answer; where the script did not keep that, the longest \
         time in which the operator's look at the room was not answered.",
    ));
    blocks
}

fn rows(subject: &Subject, figures: &mut Figures) -> Vec<Row> {
    let windows = Window::of_faults(&subject.reading);
    let mut rows = Vec::new();
    for (window, name) in &windows {
        let gap = gap::longest(&subject.reading, window, windows.len() == 1);
        if let (Some(seconds), 1) = (gap, windows.len()) {
            figures.values.insert(format!("{}.longest_gap_s", subject.label), seconds);
        }
        let row = Row::new([
            Cell::text(&subject.label),
            Cell::text(name),
            Cell::Number(window.began),
            window.mended.map(|mended| mended - window.began).into(),
            Cell::text(visitors(subject, window)),
            gap.into(),
            held(subject),
        ]);
        rows.push(row.not_valid(!subject.is_valid()));
    }
    rows
}

/// What visitors saw from a fault on: answers that they should not have got, and what stood still.
fn visitors(subject: &Subject, window: &Window) -> String {
    let Some(mut said) = window.failures(&subject.reading) else {
        return "not known: no series from Prometheus".to_owned();
    };
    let still = window.longest_standstill(&subject.reading);
    if let Some(seconds) = still.filter(|seconds| *seconds >= 2.0) {
        said.push(format!("nobody was called for {} s", number(seconds)));
    }
    if said.is_empty() { "no failure".to_owned() } else { said.join("; ") }
}

fn held(subject: &Subject) -> Cell {
    let reading = &subject.reading;
    let findings = reading.findings.iter().flatten().map(|finding| finding.broken.is_empty());
    let checks = reading.verdict.iter().flat_map(|verdict| &verdict.invariants).map(|check| check.holds);
    let all: Vec<bool> = findings.chain(checks).collect();
    match all.iter().all(|holds| *holds) {
        _ if all.is_empty() => Cell::Unknown,
        true => Cell::Word(Word::Hold),
        false => Cell::Word(Word::DoNotHold),
    }
}
