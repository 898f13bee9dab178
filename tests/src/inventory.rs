//! The inventory of metrics that `docs/observability.md` has: what boards and rules may name.

use std::{collections::BTreeMap, fs, io};

use crate::boards::project;

/// What the programs' ops ports have, by Prometheus' names.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    metrics: BTreeMap<String, Metric>,
}

/// One metric of the programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// The keys of its labels; `job` and `instance`, which Prometheus adds, are not among them.
    pub labels: Vec<String>,
}

const HEADING: &str = "## Metric inventory";

impl Inventory {
    /// What the document says.
    ///
    /// # Errors
    /// Where the document cannot be read.
    pub fn documented() -> io::Result<Self> {
        Ok(Self::parse(&fs::read_to_string(project().join("docs/observability.md"))?))
    }

    /// The tables `name | kind | labels | what it says` below the heading "Metric inventory". A metric that several
    /// programs have stands in several, and has the labels of all.
    #[must_use]
    pub fn parse(document: &str) -> Self {
        let mut metrics = BTreeMap::<String, Metric>::new();
        let section = document.lines().skip_while(|line| *line != HEADING).skip(1);
        for line in section.take_while(|line| !line.starts_with("## ")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let ["", name, kind, labels, ..] = cells.as_slice() else { continue };
            let Some(name) = quoted(name).next() else { continue };
            let metric = metrics
                .entry(name.to_owned())
                .or_insert_with(|| Metric { kind: (*kind).to_owned(), labels: Vec::new() });
            metric.labels.extend(quoted(labels).map(str::to_owned));
        }
        Self { metrics }
    }

    /// The metric that a series belongs to, such as `x_seconds` of `x_seconds_bucket`.
    #[must_use]
    pub fn metric_of(&self, series: &str) -> Option<(&str, &Metric)> {
        let whole = self.metrics.get_key_value(series).filter(|(_, metric)| metric.kind != "histogram");
        let part = ["_bucket", "_sum", "_count"].iter().find_map(|ending| {
            let metric = self.metrics.get_key_value(series.strip_suffix(ending)?)?;
            (metric.1.kind == "histogram").then_some(metric)
        });
        whole.or(part).map(|(name, metric)| (name.as_str(), metric))
    }

    /// The names of all metrics.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
# About

| `not_in_it` | gauge | – | before the heading |

## Metric inventory

### one

| name | kind | labels | what it says |
|---|---|---|---|
| `a_total` | counter | `room`, `outcome` | things |
| `b_seconds` | histogram | – | durations |

### two

| name | kind | labels | what it says |
|---|---|---|---|
| `a_total` | counter | `kind` | things |

## After

| `not_in_it_either` | gauge | – | after it |
";

    #[test]
    fn the_tables_below_the_heading_are_the_inventory() {
        let inventory = Inventory::parse(DOCUMENT);
        assert_eq!(inventory.names().collect::<Vec<_>>(), ["a_total", "b_seconds"]);
        let (_, metric) = inventory.metric_of("a_total").unwrap();
        assert_eq!(metric.labels, ["room", "outcome", "kind"]);
    }

    #[test]
    fn a_histogram_is_known_by_its_series_and_nothing_else_has_any() {
        let inventory = Inventory::parse(DOCUMENT);
        assert_eq!(inventory.metric_of("b_seconds_bucket").map(|(name, _)| name), Some("b_seconds"));
        assert_eq!(inventory.metric_of("b_seconds"), None);
        assert_eq!(inventory.metric_of("a_total_count"), None);
        assert_eq!(inventory.metric_of("a"), None);
    }
}
