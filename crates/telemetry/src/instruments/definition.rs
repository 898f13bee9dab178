use std::fmt;

/// What an instrument is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name that OpenTelemetry knows it by, such as `http.server.request.duration`.
    pub name: &'static str,
    /// What it does with what it is told.
    pub kind: Kind,
    /// UCUM's unit, or empty for a number of things.
    pub unit: &'static str,
    /// What it says, in one line.
    pub help: &'static str,
    /// The keys of its labels, as OpenTelemetry knows them.
    pub labels: Vec<&'static str>,
}

/// What an instrument does with what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Adds up.
    Counter,
    /// Keeps the last.
    Gauge,
    /// Sorts by size.
    Histogram,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        })
    }
}

impl Definition {
    /// The name that Prometheus knows it by: with underscores, the unit, and `_total` where it is a counter
    /// (OpenTelemetry's "Prometheus and `OpenMetrics` Compatibility"). A histogram's series have `_bucket`, `_sum` and
    /// `_count` behind it.
    #[must_use]
    pub fn exposed_name(&self) -> String {
        let unit = match self.unit {
            "" => "",
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "_in_an_unknown_unit",
        };
        let total = if self.kind == Kind::Counter { "_total" } else { "" };
        format!("{}{unit}{total}", underscored(self.name))
    }

    /// The keys of its labels as Prometheus knows them.
    pub fn exposed_labels(&self) -> impl Iterator<Item = String> {
        self.labels.iter().map(|key| underscored(key))
    }
}

fn underscored(name: &str) -> String {
    name.replace('.', "_")
}
