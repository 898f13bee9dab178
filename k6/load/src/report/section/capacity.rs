use crate::{
    report::{
        content::Block,
        figures::Figures,
        language::{Column, Word},
        number::number,
        search::Search,
        table::{Cell, Row, Table},
    },
    results::{BoundBy, Capacity, Found, Held, Phase, Spread},
};

/// The highest rates that held every objective, how often they did, and what did not allow more.
pub(crate) fn capacity(searches: &[Search], figures: &mut Figures) -> Vec<Block> {
    if searches.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::heading(2, "Capacity")];
    let table = Table::new(COLUMNS, searches.iter().map(row));
    figures.tables.insert("capacity".to_owned(), table.clone());
    blocks.push(Block::Table(table));
    blocks.push(Block::text(
        "The rate that was offered and held every objective for the measured time, again in each repeat that counts; median, \
         lowest and highest are of the iterations that were done in the repeats. Where it is at least that much, the generator \
         gave out first.",
    ));
    for search in searches {
        for (key, value) in values(&search.capacity) {
            figures.values.insert(format!("capacity.{}.{key}", search.label), value);
        }
        blocks.extend(bound(search, figures));
        blocks.extend(steps(search, figures));
    }
    blocks
}

const COLUMNS: [Column; 9] = [
    Column::Endpoint,
    Column::Generator,
    Column::Rate,
    Column::Median,
    Column::Lowest,
    Column::Highest,
    Column::P99,
    Column::Repeats,
    Column::Bound,
];

fn row(search: &Search) -> Row {
    let Capacity { generator, found, bound_by, .. } = &search.capacity;
    let bound = bound_by.as_ref().map_or(Cell::Unknown, |bound| Cell::text(&bound.sentence));
    let mut cells = vec![Cell::text(&search.label), Cell::text(generator)];
    match found {
        Some(Found::Highest { rate, is_at_least, held, repeats, achieved, p99_ms }) => {
            cells.push(if *is_at_least { Cell::AtLeast(*rate) } else { Cell::Number(*rate) });
            cells.extend(spread(*achieved));
            cells.push(p99_ms.map(|spread| spread.median).into());
            cells.push(Cell::text(format!("{held} / {repeats}")));
            cells.push(bound);
        }
        Some(Found::None { why }) => {
            cells.extend(vec![Cell::Unknown; 6]);
            cells.push(Cell::text(format!("no rate held: {why}")));
        }
        None => {
            cells.extend(vec![Cell::Unknown; 6]);
            cells.push(Cell::text("the search is not over"));
        }
    }
    Row::new(cells)
}

fn spread(of: Option<Spread>) -> [Cell; 3] {
    [of.map(|of| of.median).into(), of.map(|of| of.lowest).into(), of.map(|of| of.highest).into()]
}

/// Figures of a search; what is not known is left out.
fn values(capacity: &Capacity) -> Vec<(String, f64)> {
    let mut values = Vec::new();
    let mut put = |key: &str, value: Option<f64>| values.extend(value.map(|value| (key.to_owned(), value)));
    if let Some(Found::Highest { rate, held, repeats, achieved, p99_ms, .. }) = &capacity.found {
        put("rate_per_second", Some(*rate));
        put("held", Some(whole(*held)));
        put("repeats", Some(whole(*repeats)));
        for (name, of) in [("achieved_per_second", achieved), ("p99_ms", p99_ms)] {
            put(&format!("{name}.median"), of.map(|of| of.median));
            put(&format!("{name}.lowest"), of.map(|of| of.lowest));
            put(&format!("{name}.highest"), of.map(|of| of.highest));
        }
    }
    if let Some(bound) = &capacity.bound_by {
        put("machine_busy_share", bound.machine_busy.found);
        for process in &bound.processes {
            let processors = process.processors.found;
            put(&format!("processors.{}", process.name), processors);
            put(&format!("cpu_ms_per_request.{}", process.name), per_request(processors, capacity));
        }
        put("servers_cpu_ms_per_request", of_servers(capacity, bound));
    }
    values
}

/// What a request costs all servers together, at the rate that was found.
fn of_servers(capacity: &Capacity, bound: &BoundBy) -> Option<f64> {
    let servers = bound.processes.iter().filter(|process| process.name != capacity.generator);
    per_request(Some(servers.filter_map(|process| process.processors.found).sum()), capacity)
}

/// CPU milliseconds a request of what so many processors do.
fn per_request(processors: Option<f64>, capacity: &Capacity) -> Option<f64> {
    let Some(Found::Highest { achieved: Some(achieved), .. }) = &capacity.found else { return None };
    processors.map(|processors| 1_000.0 * processors / achieved.median)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of repeats")]
fn whole(count: usize) -> f64 {
    count as f64
}

/// Who used the machine at the rate that was found, and above it.
fn bound(search: &Search, figures: &mut Figures) -> Vec<Block> {
    let Some(BoundBy { sentence, machine_busy, processors, processes }) = &search.capacity.bound_by else {
        return Vec::new();
    };
    let rows = processes.iter().map(|process| {
        let processors = process.processors;
        Row::new([
            Cell::text(&process.name),
            processors.found.into(),
            processors.above.into(),
            per_request(processors.found, &search.capacity).into(),
        ])
    });
    let table = Table::new([Column::Process, Column::AtFound, Column::Above, Column::CpuPerRequest], rows);
    figures.tables.insert(format!("processors.{}", search.label), table.clone());
    let share = |share: Option<f64>| {
        share.map_or("an unknown share".to_owned(), |share| format!("{} %", number(100.0 * share)))
    };
    let said = format!(
        "What did not allow more: {sentence}. Of the machine's {processors} processors {} worked at the rate that was found, {} at the lowest rate that \
         did not hold.",
        share(machine_busy.found),
        share(machine_busy.above)
    );
    vec![Block::heading(3, format!("What bound {}", search.label)), Block::text(said), Block::Table(table)]
}

/// Every step that was made, so that nobody has to take the search's word for it.
fn steps(search: &Search, figures: &mut Figures) -> Vec<Block> {
    let rows = search.capacity.steps.iter().map(|step| {
        let phase = match step.phase {
            Phase::Ramp => "ramp",
            Phase::Staircase => "staircase",
            Phase::Bisect => "bisect",
            Phase::Repeat => "repeat",
        };
        let (word, why) = match &step.measured.outcome {
            Held::Held => (Word::Yes, ""),
            Held::Failed { why, .. } => (Word::No, why.as_str()),
            Held::Disturbed { why } | Held::GeneratorGaveUp { why } => (Word::NotValid, why.as_str()),
        };
        let measured = &step.measured;
        let cells = [
            Cell::text(phase),
            Cell::Number(step.rate),
            measured.achieved.into(),
            measured.p95_ms.into(),
            measured.p99_ms.into(),
            Cell::Word(word),
            Cell::text(why),
        ];
        Row::new(cells).not_valid(word == Word::NotValid)
    });
    let columns = [
        Column::Step,
        Column::Offered,
        Column::Achieved,
        Column::P95,
        Column::P99,
        Column::Holds,
        Column::Why,
    ];
    let table = Table::new(columns, rows);
    figures.tables.insert(format!("steps.{}", search.label), table.clone());
    vec![Block::heading(3, format!("Steps of {}", search.label)), Block::Table(table)]
}
