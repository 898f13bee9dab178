use onsale_stack::invariants::Finding;

use super::trust::brief;
use crate::{
    report::{
        content::Block,
        figures::Figures,
        language::{Column, Word},
        subject::Subject,
        table::{Cell, Row, Table},
    },
    results::Check,
};

/// What always has to hold: in what the stores hold, and in what was seen.
pub(crate) fn invariants(subjects: &[Subject], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = vec![Block::heading(2, "Invariants")];
    let mut broken = Vec::new();
    let rows: Vec<Row> = subjects.iter().flat_map(|subject| rows(subject, &mut broken)).collect();
    blocks.extend(broken.into_iter().map(Block::Warning));
    let columns = [Column::Run, Column::Invariant, Column::Says, Column::Seen, Column::Holds];
    let table = Table::new(columns, rows);
    figures.tables.insert("invariants".to_owned(), table.clone());
    if table.rows.is_empty() {
        blocks.push(Block::text("Nobody asked whether they hold."));
    } else {
        blocks.extend(brief(table, subjects.len()));
    }
    blocks
}

/// What the verdict says of invariants; of a run that nobody judged, what the stores were found to hold.
fn rows(subject: &Subject, warnings: &mut Vec<String>) -> Vec<Row> {
    let checks = match &subject.reading.verdict {
        Some(verdict) => verdict.invariants.clone(),
        None => subject.reading.findings.iter().flatten().map(of_finding).collect(),
    };
    let row = |check: &Check| {
        if !check.holds {
            warnings.push(format!("{}: {} is broken: {}", subject.label, check.name, check.seen));
        }
        Row::new([
            Cell::text(&subject.label),
            Cell::text(&check.name),
            Cell::text(&check.limit),
            Cell::text(&check.seen),
            Cell::Word(if check.holds { Word::Yes } else { Word::No }),
        ])
    };
    checks.iter().map(row).collect()
}

fn of_finding(finding: &Finding) -> Check {
    let seen = match finding.broken.as_slice() {
        [] => format!("{} looked at", finding.checked),
        broken => broken.join("; "),
    };
    Check {
        name: finding.invariant.clone(),
        limit: finding.says.clone(),
        seen,
        holds: finding.broken.is_empty(),
    }
}
