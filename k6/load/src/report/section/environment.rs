use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    report::{
        content::Block,
        figures::{self, Figures},
        language::{Column, Language},
        number::bytes,
        search::Search,
        subject::Subject,
        table::{Cell, Row, Table},
    },
    results::Run,
};

/// Where the runs were, and what they were told.
pub(crate) fn environment(subjects: &[Subject], searches: &[Search], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = vec![Block::heading(2, "Environment")];
    let runs = subjects.iter().map(|subject| (subject.label.clone(), &subject.reading.run));
    let steps = searches.iter().filter_map(|search| Some((name(search), &search.any_run()?.run)));
    let runs: Vec<(String, &Run)> = runs.chain(steps).collect();
    let rows = runs.iter().flat_map(|(label, run)| {
        let row = move |(item, value)| Row::new([Cell::text(label), Cell::text(item), Cell::text(value)]);
        facts(run)
            .into_iter()
            .filter(|(item, _)| !label.starts_with(OF_SEARCH) || *item != "settings")
            .map(row)
    });
    let mut table = Table::new([Column::Run, Column::Item, Column::Value], rows);
    once(&mut table, runs.len());
    figures.tables.insert("environment".to_owned(), table.clone());
    blocks.push(Block::Table(table));
    blocks
}

/// What several runs have in common is said once, and what all have first.
fn once(table: &mut Table, runs: usize) {
    if runs < 2 {
        return;
    }
    let mut rows: Vec<(Row, Vec<String>)> = Vec::new();
    for row in table.rows.drain(..) {
        let label = row.cells[0].shown(Language::English);
        match rows.iter_mut().find(|(kept, _)| kept.cells[1..] == row.cells[1..]) {
            Some((_, labels)) => labels.push(label),
            None => rows.push((row, vec![label])),
        }
    }
    rows.sort_by_key(|(_, labels)| labels.len() < runs);
    table.rows = rows
        .into_iter()
        .map(|(mut row, labels)| {
            row.cells[0] =
                Cell::text(if labels.len() == runs { "all".to_owned() } else { labels.join(", ") });
            row
        })
        .collect();
}

/// What names of searches begin with. Each of their steps has settings of its own.
const OF_SEARCH: &str = "capacity ";

fn name(search: &Search) -> String {
    format!("{OF_SEARCH}{}", search.label)
}

fn facts(run: &Run) -> Vec<(&'static str, String)> {
    let place = &run.environment;
    let [gateways, queues, catalogs] = place.copies;
    let told = run.settings.iter().filter(|(key, _)| !figures::is_of_one_run(key));
    let settings = told.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ");
    let stores =
        place.stores.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ");
    #[expect(clippy::cast_precision_loss, reason = "shown to three digits")]
    let memory = bytes(place.memory_bytes as f64);
    vec![
        ("processor", format!("{} × {}", place.processors, place.processor)),
        ("memory", memory),
        ("kernel", place.kernel.clone()),
        ("generator", format!("{} {}", run.generator.tool, run.generator.version)),
        ("the generator may use", processors(&run.generator.cpus)),
        ("the servers may use", processors(&place.servers_on)),
        (
            "generator and servers",
            if place.is_shared { "share this machine" } else { "are on machines of their own" }.to_owned(),
        ),
        ("copies", format!("{gateways} gateway, {queues} queue, {catalogs} catalog")),
        ("stores", stores),
        ("commit", if place.commit.is_empty() { "not known".to_owned() } else { place.commit.clone() }),
        ("began", began(run.began_at)),
        ("settings", settings),
    ]
}

fn processors(numbers: &[usize]) -> String {
    if numbers.is_empty() {
        return "any processor".to_owned();
    }
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("processors {}", numbers.join(", "))
}

fn began(at: u64) -> String {
    let instant = OffsetDateTime::from_unix_timestamp(i64::try_from(at / 1_000).unwrap_or_default());
    instant.ok().and_then(|instant| instant.format(&Rfc3339).ok()).unwrap_or_default()
}
