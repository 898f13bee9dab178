use serde::{Deserialize, Serialize};

use super::{
    language::{Column, Language, Word},
    number::number,
};

/// A table without a language: what its columns are and what its cells hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    /// Whether its figures are of a run that cannot be believed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_not_valid: bool,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cell {
    /// Not known, which is not zero.
    Unknown,
    Number(f64),
    /// The true value is this one or a higher one.
    AtLeast(f64),
    Text(String),
    Word(Word),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What a reader sees.
    pub(crate) fn shown(&self, language: Language) -> String {
        match self {
            Self::Unknown => "–".to_owned(),
            Self::Number(value) => number(*value),
            Self::AtLeast(value) => format!("{} {}", Word::AtLeast.text(language), number(*value)),
            Self::Text(text) => text.clone(),
            Self::Word(word) => word.text(language).to_owned(),
        }
    }

    /// Whether it is aligned as figures are.
    pub(crate) fn is_figure(&self) -> bool {
        matches!(self, Self::Number(_) | Self::AtLeast(_))
    }
}

impl From<Option<f64>> for Cell {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Unknown, Self::Number)
    }
}

impl Row {
    pub(crate) fn new(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { cells: cells.into_iter().collect(), is_not_valid: false }
    }

    /// Marks it as one of a run that cannot be believed.
    pub(crate) fn not_valid(mut self, is_not_valid: bool) -> Self {
        self.is_not_valid = is_not_valid;
        self
    }
}

impl Table {
    pub(crate) fn new(
        columns: impl IntoIterator<Item = Column>,
        rows: impl IntoIterator<Item = Row>,
    ) -> Self {
        Self { columns: columns.into_iter().collect(), rows: rows.into_iter().collect() }
    }

    /// Whether a column holds figures, which are aligned at their end.
    pub(crate) fn is_of_figures(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.cells.get(column)).peekable();
        let is_figure = |cell: &&Cell| cell.is_figure();
        cells.clone().any(|cell| is_figure(&cell))
            && cells.all(|cell| cell.is_figure() || *cell == Cell::Unknown)
    }

    /// The table in Markdown.
    pub(crate) fn markdown(&self, language: Language) -> String {
        let titles = self.columns.iter().map(|column| column.text(language).to_owned());
        let mut lines = vec![line(titles)];
        let rules =
            (0..self.columns.len()).map(|column| if self.is_of_figures(column) { "--:" } else { "---" });
        lines.push(format!("|{}|", rules.collect::<Vec<_>>().join("|")));
        for row in &self.rows {
            let mut cells: Vec<String> = row.cells.iter().map(|cell| written(cell, language)).collect();
            if let (true, Some(first)) = (row.is_not_valid, cells.first_mut()) {
                first.push_str(" · ");
                first.push_str(Word::NotValid.text(language));
            }
            lines.push(line(cells));
        }
        lines.join("\n")
    }
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    format!("| {} |", cells.into_iter().collect::<Vec<_>>().join(" | "))
}

fn written(cell: &Cell, language: Language) -> String {
    match cell {
        Cell::Text(text) => escaped(text),
        Cell::Unknown | Cell::Number(_) | Cell::AtLeast(_) | Cell::Word(_) => cell.shown(language),
    }
}

/// Text of which Markdown makes nothing else, on one line.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => out.extend(['\\', character]),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_break_its_table() {
        let rows = [Row::new([Cell::text("a|b <i>\nc"), Cell::Number(1_234.0)]).not_valid(true)];
        let table = Table::new([Column::Call, Column::P99], rows);
        let expected = "| call | p99 ms |\n|---|--:|\n| a\\|b &lt;i> c · **not valid** | 1,234 |";
        assert_eq!(table.markdown(Language::English), expected);
        assert!(table.markdown(Language::Korean).starts_with("| 호출 | p99 ms |"));
    }

    #[test]
    fn a_table_is_the_same_after_it_was_kept() {
        let rows = [Row::new([Cell::Unknown, Cell::AtLeast(3.0), Cell::Word(Word::Kept), Cell::text("x")])];
        let table = Table::new([Column::Call, Column::Median, Column::Objective, Column::Bound], rows);
        let kept = serde_json::to_string(&table).unwrap();
        assert_eq!(serde_json::from_str::<Table>(&kept).unwrap(), table);
    }
}
