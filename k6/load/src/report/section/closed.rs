use crate::{
    generator::wrk::Closed,
    report::{
        comparison::Comparison,
        content::Block,
        figures::Figures,
        language::Column,
        table::{Cell, Row, Table},
    },
    results::Spread,
};

/// What a closed loop measured of each call, for comparison with others who measured in that way.
pub(crate) fn closed(comparisons: &[Comparison], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = Vec::new();
    for Comparison { label, compared } in comparisons {
        let rows = compared.calls.iter().map(|(call, rounds)| row(call, rounds));
        let table = Table::new(COLUMNS, rows);
        for (call, rounds) in &compared.calls {
            for (key, value) in values(rounds) {
                figures.values.insert(format!("{label}.{call}.{key}"), value);
            }
        }
        figures.tables.insert(format!("closed.{label}"), table.clone());
        blocks.push(Block::heading(2, format!("Closed loop: {label}")));
        blocks.push(Block::text(format!(
            "wrk {}, one thread, {} connections: each asks again when it is answered, so that a slow system is asked less. No capacity.",
            compared.version, compared.connections
        )));
        blocks.push(Block::Table(table));
    }
    blocks
}

const COLUMNS: [Column; 8] = [
    Column::Call,
    Column::Rounds,
    Column::Median,
    Column::Lowest,
    Column::Highest,
    Column::P50,
    Column::P99,
    Column::Failed,
];

fn row(call: &str, rounds: &[Closed]) -> Row {
    let rate = spread(rounds, |round| round.rate);
    let median = |of: fn(&Closed) -> f64| Cell::from(spread(rounds, of).map(|spread| spread.median));
    Row::new([
        Cell::text(call),
        Cell::text(rounds.len().to_string()),
        rate.map(|rate| rate.median).into(),
        rate.map(|rate| rate.lowest).into(),
        rate.map(|rate| rate.highest).into(),
        median(|round| round.p50_ms),
        median(|round| round.p99_ms),
        Cell::text(rounds.iter().map(|round| round.refused + round.unanswered).sum::<u64>().to_string()),
    ])
}

fn spread(rounds: &[Closed], of: impl Fn(&Closed) -> f64) -> Option<Spread> {
    Spread::of(rounds.iter().map(of))
}

fn values(rounds: &[Closed]) -> Vec<(&'static str, f64)> {
    let Some(rate) = spread(rounds, |round| round.rate) else { return Vec::new() };
    let p99 = spread(rounds, |round| round.p99_ms).map_or(f64::NAN, |spread| spread.median);
    vec![
        ("requests_per_second", rate.median),
        ("requests_per_second.lowest", rate.lowest),
        ("requests_per_second.highest", rate.highest),
        ("p99_ms", p99),
    ]
}
