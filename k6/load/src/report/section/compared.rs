use crate::report::{
    content::Block,
    figures::{Figures, Place},
    language::Column,
    table::{Cell, Row, Table},
};

/// This report's figures as ratios of a stored baseline's.
pub(crate) fn compared(figures: &mut Figures, baseline: &Figures, name: &str) -> Vec<Block> {
    let mut blocks = vec![Block::heading(2, format!("Against {name}"))];
    let differ = differences(figures, baseline);
    if differ.is_empty() {
        blocks.push(Block::text(
            "Same processors, generator, pins and settings: the ratios are those of the system.",
        ));
    } else {
        blocks.push(Block::Warning(
            "The two are not comparable: what differs below is in the ratios as well as the system."
                .to_owned(),
        ));
        blocks.push(Block::Bullets(differ));
    }
    let table = ratios(figures, baseline);
    figures.tables.insert("ratios".to_owned(), table.clone());
    if table.rows.is_empty() {
        blocks.push(Block::text("No figure is in both: their runs have other names."));
    } else {
        blocks.push(Block::Table(table));
    }
    blocks
}

/// What is compared: a key that ends so.
const COMPARED: [&str; 7] = [
    ".p50_ms",
    ".p95_ms",
    ".p99_ms",
    ".cpu_ms_per_request.all",
    ".achieved_per_second.median",
    ".rate_per_second",
    ".requests_per_second",
];

fn ratios(figures: &Figures, baseline: &Figures) -> Table {
    let is_compared = |key: &str| COMPARED.iter().any(|end| key.ends_with(end));
    // A run of one call has its figures twice; those with the call's name say more.
    let is_short = |key: &str| {
        key.rsplit_once('.').is_some_and(|(run, end)| {
            let is_same =
                |other: &String| other.starts_with(&format!("{run}.")) && other.ends_with(&format!(".{end}"));
            figures.values.keys().filter(|other| other.len() > key.len()).any(is_same)
        })
    };
    let rows = figures.values.iter().filter(|(key, _)| is_compared(key) && !is_short(key)).filter_map(
        |(key, value)| {
            let before = *baseline.values.get(key)?;
            let ratio = (before > 0.0).then_some(value / before);
            let cells = [Cell::text(key), Cell::Number(*value), Cell::Number(before), ratio.into()];
            Some(Row::new(cells).not_valid(figures.is_not_valid(key) || baseline.is_not_valid(key)))
        },
    );
    Table::new([Column::Figure, Column::This, Column::Baseline, Column::Ratio], rows)
}

/// What differs between the places of runs of the same name, in words.
fn differences(figures: &Figures, baseline: &Figures) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for (name, this) in &figures.environments {
        let Some(before) = baseline.environments.get(name) else { continue };
        for (what, one, other) in aspects(this, before) {
            if one != other {
                said.push(format!("{name}: {what} is {one}, was {other}"));
            }
        }
    }
    if said.is_empty() && !figures.environments.keys().any(|name| baseline.environments.contains_key(name)) {
        said.push(
            "no run of either has the name of one of the other, so that nothing is known of their places"
                .to_owned(),
        );
    }
    said
}

/// What of a place has to be the same, before and now.
fn aspects(this: &Place, before: &Place) -> Vec<(&'static str, String, String)> {
    let of = |place: &Place| {
        let Place { environment, generator, settings } = place;
        let told: Vec<String> = settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
        [
            ("the processor", environment.processor.clone()),
            ("the number of processors", environment.processors.to_string()),
            ("the generator", format!("{} {}", generator.tool, generator.version)),
            ("the generator's processors", format!("{:?}", generator.cpus)),
            ("the servers' processors", format!("{:?}", environment.servers_on)),
            ("sharing the machine", environment.is_shared.to_string()),
            ("the number of copies", format!("{:?}", environment.copies)),
            ("what the scenario was told", told.join(" ")),
        ]
    };
    let pairs = of(this).into_iter().zip(of(before));
    pairs.map(|((what, one), (_, other))| (what, one, other)).collect()
}
