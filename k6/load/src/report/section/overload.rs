use crate::{
    report::{
        content::Block,
        figures::Figures,
        language::Column,
        subject::Subject,
        table::{Cell, Row, Table},
    },
    results::Overload,
};

/// What became of visitors where there were more than the system bears.
pub(crate) fn overload(subjects: &[Subject], figures: &mut Figures) -> Vec<Block> {
    let overloads =
        || subjects.iter().filter_map(|subject| Some((subject, subject.reading.overload.as_ref()?)));
    if overloads().next().is_none() {
        return Vec::new();
    }
    for (subject, overload) in overloads() {
        for (key, value) in values(overload) {
            figures.values.insert(format!("{}.overload.{key}", subject.label), value);
        }
    }
    let table = Table::new(COLUMNS, overloads().map(|(subject, overload)| row(subject, overload)));
    figures.tables.insert("overload".to_owned(), table.clone());
    vec![
        Block::heading(2, "Overload"),
        Block::Table(table),
        Block::text(
            "Of the seconds of the overload, from its first request on, by when requests were made. In time is what is promised of 99 %. Nobody \
             who was told to come back stayed away for it: the next request came at once, as from somebody else. Refusals are timed by the \
             generator that had least to do, where there were several, and beside that by all of them.",
        ),
    ]
}

const COLUMNS: [Column; 12] = [
    Column::Run,
    Column::Times,
    Column::Offered,
    Column::InTime,
    Column::Late,
    Column::ToldToComeBack,
    Column::FailedPerSecond,
    Column::OfCapacity,
    Column::RefusedP99,
    Column::RefusedP99OfAll,
    Column::WellAgain,
    Column::Verdict,
];

fn row(subject: &Subject, overload: &Overload) -> Row {
    let during = &overload.during;
    let cells = [
        Cell::text(&subject.label),
        Cell::Number(overload.factor),
        Cell::Number(during.due),
        Cell::Number(during.good),
        Cell::Number(during.late),
        Cell::Number(during.refused),
        Cell::Number(during.failed),
        overload.in_time_percent().into(),
        overload.refused_p99_ms().into(),
        during.refused_p99_ms.into(),
        overload.recovered_seconds.into(),
        Cell::Word(subject.word()),
    ];
    Row::new(cells).not_valid(!subject.is_valid())
}

/// Figures of an overload; what is not known is left out.
fn values(overload: &Overload) -> Vec<(&'static str, f64)> {
    let Overload { capacity, factor, during, recovered_seconds, .. } = overload;
    let values = [
        ("capacity_per_second", Some(*capacity)),
        ("factor", Some(*factor)),
        ("due_per_second", Some(during.due)),
        ("in_time_per_second", Some(during.good)),
        ("late_per_second", Some(during.late)),
        ("refused_per_second", Some(during.refused)),
        ("failed_per_second", Some(during.failed)),
        ("in_time_percent", overload.in_time_percent()),
        ("p99_ms", during.p99_ms),
        ("refused_p99_ms", overload.refused_p99_ms()),
        ("refused_p99_of_all_ms", during.refused_p99_ms),
        ("recovered_s", *recovered_seconds),
    ];
    values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}
