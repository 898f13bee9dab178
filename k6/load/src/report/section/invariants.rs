use crate::report::{
    content::Block,
    figures::Figures,
    language::{Column, Word},
    subject::Subject,
    table::{Cell, Row, Table},
};

/// What always has to hold: in what the stores hold, and in what was seen.
pub(crate) fn invariants(subjects: &[Subject], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = vec![Block::heading(2, "Invariants")];
    let mut broken = Vec::new();
    let rows: Vec<Row> = subjects.iter().flat_map(|subject| rows(subject, &mut broken)).collect();
    blocks.extend(broken.into_iter().map(Block::Warning));
    let columns =
        [Column::Run, Column::Invariant, Column::Says, Column::Checked, Column::Broken, Column::Holds];
    let table = Table::new(columns, rows);
    figures.tables.insert("invariants".to_owned(), table.clone());
    if table.rows.is_empty() {
        blocks.push(Block::text("Nobody asked whether they hold."));
    } else {
        blocks.push(Block::Table(table));
    }
    blocks
}

#[expect(clippy::cast_precision_loss, reason = "counts are far from 2^53")]
fn rows(subject: &Subject, warnings: &mut Vec<String>) -> Vec<Row> {
    let mut rows = Vec::new();
    for finding in subject.reading.findings.iter().flatten() {
        let holds = finding.broken.is_empty();
        if let Some(first) = finding.broken.first() {
            warnings.push(format!("{}: {} is broken: {first}", subject.label, finding.invariant));
        }
        rows.push(Row::new([
            Cell::text(&subject.label),
            Cell::text(&finding.invariant),
            Cell::text(&finding.says),
            Cell::Number(finding.checked as f64),
            Cell::Number(finding.broken.len() as f64),
            Cell::Word(if holds { Word::Yes } else { Word::No }),
        ]));
    }
    for check in subject.reading.verdict.iter().flat_map(|verdict| &verdict.invariants) {
        if !check.holds {
            warnings.push(format!("{}: {} is broken: {}", subject.label, check.name, check.seen));
        }
        rows.push(Row::new([
            Cell::text(&subject.label),
            Cell::text(&check.name),
            Cell::text(&check.limit),
            Cell::Unknown,
            Cell::text(&check.seen),
            Cell::Word(if check.holds { Word::Yes } else { Word::No }),
        ]));
    }
    rows
}
