use std::collections::BTreeMap;

use crate::{
    report::{
        content::Block,
        figures::Figures,
        language::Column,
        reading::Reading,
        subject::Subject,
        table::{Cell, Row, Table},
    },
    results::{Line, Sample},
};

/// In less time than this nothing shows that it grows.
const LONG_SECONDS: f64 = 600.0;
const MEBI: f64 = 1_048_576.0;

/// What grew in the second half of long runs, when everything that is filled once is full.
pub(crate) fn growth(subjects: &[Subject], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = Vec::new();
    for subject in subjects.iter().filter(|subject| lasted(&subject.reading) >= LONG_SECONDS) {
        let grown = grown(&subject.reading);
        for (name, at) in &grown {
            if let Some(percent) = at.percent() {
                figures.values.insert(format!("{}.growth_percent.{name}", subject.label), percent);
            }
        }
        let rows = grown.iter().map(|(name, at)| {
            let cells = [Cell::text(name), Cell::Number(at.half), Cell::Number(at.end), at.percent().into()];
            Row::new(cells).not_valid(!subject.is_valid())
        });
        let table = Table::new([Column::Item, Column::AtHalf, Column::AtEnd, Column::Growth], rows);
        figures.tables.insert(format!("growth.{}", subject.label), table.clone());
        blocks.push(Block::heading(2, format!("What grew in {}", subject.marked())));
        blocks.push(Block::text(
            "Memory in MiB, Redis' keys, and the rows that Postgres was given less those that it was told to forget: where a straight line through the second half begins and ends.",
        ));
        blocks.push(Block::Table(table));
    }
    blocks
}

/// Something at two times of a run, by the straight line that its values are nearest to in between (least squares):
/// memory breathes, and two moments of it say less than all.
#[derive(Clone, Copy, Debug)]
struct At {
    half: f64,
    end: f64,
}

impl At {
    /// Of values at seconds of a run that lasted so many; none where fewer than two are of its second half.
    fn of(values: &[(f64, f64)], lasted: f64) -> Option<Self> {
        let second: Vec<(f64, f64)> =
            values.iter().copied().filter(|(at, _)| (0.5 * lasted..=lasted).contains(at)).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| second.iter().map(of).sum::<f64>() / count(second.len());
        let (when, what) = (mean(|(at, _)| *at), mean(|(_, value)| *value));
        let spread: f64 = second.iter().map(|(at, _)| (at - when).powi(2)).sum();
        let together: f64 = second.iter().map(|(at, value)| (at - when) * (value - what)).sum();
        let line = |at: f64| what + together / spread * (at - when);
        (spread > 0.0).then(|| Self { half: line(0.5 * lasted), end: line(lasted) })
    }

    fn percent(self) -> Option<f64> {
        (self.half > 0.0).then(|| 100.0 * (self.end / self.half - 1.0))
    }
}

fn grown(reading: &Reading) -> Vec<(String, At)> {
    let mut values: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for Sample { at, processes, .. } in &reading.samples {
        for (name, process) in processes {
            let memory = count(process.resident_bytes) / MEBI;
            values.entry(format!("memory of {name}")).or_default().push((reading.seconds(*at), memory));
        }
    }
    for name in ["keys", "rows"] {
        let lines = reading.series.iter().filter_map(|series| series.lines.get(name)).flatten();
        for Line { values: told, .. } in lines {
            let told = told.iter().map(|(at, value)| (reading.seconds(*at), *value));
            values.entry(name.to_owned()).or_default().extend(told);
        }
    }
    let lasted = lasted(reading);
    values.into_iter().filter_map(|(name, values)| Some((name, At::of(&values, lasted)?))).collect()
}

fn lasted(reading: &Reading) -> f64 {
    reading.seconds(reading.run.ended_at)
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a process and samples of a run are far from 2^53")]
fn count(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or_default() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_that_of_the_second_half() {
        let values: Vec<(f64, f64)> = (0..=1_000)
            .map(|second| (f64::from(second), if second < 500 { f64::from(second) } else { 500.0 }))
            .collect();
        let full = At::of(&values, 1_000.0).unwrap();
        assert!(full.percent().unwrap().abs() < 1e-9);
        let leak: Vec<(f64, f64)> =
            (0..=1_000).map(|second| (f64::from(second), f64::from(second))).collect();
        let percent = At::of(&leak, 1_000.0).unwrap().percent().unwrap();
        assert!((percent - 100.0).abs() < 1e-9, "{percent}");
        let breathing: Vec<(f64, f64)> =
            (0..=1_000).map(|second| (f64::from(second), 100.0 + f64::from(second * second % 7))).collect();
        let percent = At::of(&breathing, 1_000.0).unwrap().percent().unwrap();
        assert!(percent.abs() < 0.5, "{percent}");
        assert!(At::of(&values[..10], 1_000.0).is_none());
    }
}
