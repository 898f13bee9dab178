use std::{collections::BTreeMap, iter};

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

const COLUMNS: [Column; 6] =
    [Column::Item, Column::AtHalf, Column::AtEnd, Column::Growth, Column::MostBefore, Column::MostAfter];

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
            let numbers =
                [Some(at.half), Some(at.end), at.percent(), Some(at.most_before), Some(at.most_after)];
            let cells = iter::once(Cell::text(name)).chain(numbers.map(Cell::from));
            Row::new(cells).not_valid(!subject.is_valid())
        });
        let table = Table::new(COLUMNS, rows);
        figures.tables.insert(format!("growth.{}", subject.label), table.clone());
        blocks.push(Block::heading(2, format!("What grew in {}", subject.marked())));
        blocks.push(Block::text(
            "Memory in MiB, Redis' keys, and the rows that Postgres was given less those that it was told to forget: where a line through the medians of the first and the last third of the second half begins and ends, and the most until half time and after it, which says of what rises and falls whether it rises higher.",
        ));
        blocks.push(Block::Table(table));
    }
    blocks
}

/// Something at two times of a run, by the line through the medians of the first and the last third in between (Tukey's
/// resistant line, Exploratory Data Analysis, 1977): memory breathes, which two moments would tell as growth; and it dips
/// for some minutes where connections are replaced, which would tilt a line of least squares.
#[derive(Clone, Copy, Debug)]
struct At {
    half: f64,
    end: f64,
    most_before: f64,
    most_after: f64,
}

impl At {
    /// Of values at seconds of a run that lasted so many; none where nothing is known of one of the thirds.
    fn of(values: &[(f64, f64)], lasted: f64) -> Option<Self> {
        let third = lasted / 6.0;
        let first = median(values, 0.5 * lasted, 0.5 * lasted + third)?;
        let last = median(values, lasted - third, lasted)?;
        // The middles of the thirds are two thirds of the half apart, and a sixth of it from its ends.
        let beyond = (last - first) / 4.0;
        let most = |is_within: &dyn Fn(f64) -> bool| {
            let within = values.iter().filter(|(at, _)| is_within(*at)).map(|(_, value)| *value);
            within.max_by(f64::total_cmp)
        };
        Some(Self {
            half: first - beyond,
            end: last + beyond,
            most_before: most(&|at| at <= 0.5 * lasted)?,
            most_after: most(&|at| at > 0.5 * lasted)?,
        })
    }

    fn percent(self) -> Option<f64> {
        (self.half > 0.0).then(|| 100.0 * (self.end / self.half - 1.0))
    }
}

/// The median of the values from one second to another.
fn median(values: &[(f64, f64)], from: f64, to: f64) -> Option<f64> {
    let within = values.iter().filter(|(at, _)| (from..=to).contains(at));
    let mut within: Vec<f64> = within.map(|(_, value)| *value).collect();
    within.sort_by(f64::total_cmp);
    within.get(within.len() / 2).copied()
}

fn grown(reading: &Reading) -> Vec<(String, At)> {
    let mut values: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for Sample { at, processes, .. } in &reading.samples {
        for (name, process) in processes {
            let point = (reading.seconds(*at), process.resident_mebibytes());
            values.entry(format!("memory of {name}")).or_default().push(point);
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
        assert!((full.most_before - 500.0).abs() < 1e-9 && (full.most_after - 500.0).abs() < 1e-9);
        let leak: Vec<(f64, f64)> =
            (0..=1_000).map(|second| (f64::from(second), f64::from(second))).collect();
        let percent = At::of(&leak, 1_000.0).unwrap().percent().unwrap();
        assert!((percent - 100.0).abs() < 1.0, "{percent}");
        let breathing = |second: i32| 100.0 + f64::from(second * second % 7);
        let dip = |second: i32| if (510..540).contains(&second) { 50.0 } else { 0.0 };
        let flat: Vec<(f64, f64)> =
            (0..=1_000).map(|second| (f64::from(second), breathing(second) - dip(second))).collect();
        let percent = At::of(&flat, 1_000.0).unwrap().percent().unwrap();
        assert!(percent.abs() < 2.0, "{percent}");
        let step: Vec<(f64, f64)> =
            (0..=1_000).map(|second| (f64::from(second), if second < 750 { 100.0 } else { 105.0 })).collect();
        assert!(At::of(&step, 1_000.0).unwrap().percent().unwrap() > 5.0);
        assert!(At::of(&values[..10], 1_000.0).is_none());
    }
}
