//! The marks in a document, and what belongs between them.

use crate::report::{
    figures::Figures,
    language::{Column, Language, Word},
    number::{fixed, number},
    table::{Row, Table},
};

/// What is wrong in a document, and where: bytes from its start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) reason: String,
}

/// A kind of mark.
struct Mark {
    begins: &'static str,
    ends: &'static str,
    is_inline: bool,
    written: fn(&str, &Figures, Language) -> Result<String, String>,
}

const MARKS: [Mark; 2] = [
    Mark { begins: "<!-- figures:", ends: "<!-- end -->", is_inline: false, written: table },
    Mark { begins: "<!--=", ends: "<!--/-->", is_inline: true, written: figure },
];

/// The document with what is between its marks written anew.
pub(super) fn rewrite(text: &str, figures: &Figures, language: Language) -> Result<String, Wrong> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((found, mark)) = next(&text[at..]) {
        let begins = at + found;
        let wrong = |reason: String| Wrong { at: begins, reason };
        let asked = begins + mark.begins.len();
        let inside = text[asked..].find("-->").map(|length| asked + length);
        let inside = inside.ok_or_else(|| wrong("the mark is not closed with -->".to_owned()))?;
        let ends = text[inside..].find(mark.ends).map(|length| inside + length);
        let ends = ends.ok_or_else(|| wrong(format!("there is no {} after it", mark.ends)))?;
        if mark.is_inline && is_at_start(&text[..begins]) {
            return Err(wrong(
                "with a figure's mark at its start the line is HTML to Markdown: begin with a word"
                    .to_owned(),
            ));
        }
        if let Some((other, _)) = next(&text[inside..ends]) {
            return Err(Wrong { at: inside + other, reason: "a mark within another".to_owned() });
        }
        let written = (mark.written)(text[asked..inside].trim(), figures, language).map_err(wrong)?;
        out.push_str(&text[at..inside]);
        out.push_str("-->");
        out.push_str(&written);
        out.push_str(mark.ends);
        at = ends + mark.ends.len();
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// Whether a text ends where a line, an item or a quotation begins.
fn is_at_start(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default();
    line.trim_end()
        .trim_start_matches(|character: char| " \t>-*+.".contains(character) || character.is_ascii_digit())
        .is_empty()
}

/// The first mark in a text.
fn next(text: &str) -> Option<(usize, &'static Mark)> {
    MARKS.iter().filter_map(|mark| text.find(mark.begins).map(|at| (at, mark))).min_by_key(|(at, _)| *at)
}

/// `token.p99_ms`, `after.p99_ms/before.p99_ms`, `wrk.token.requests_per_second/1245`, `token.cpu_ms*30`, `token.p99_ms .1`.
fn figure(asked: &str, figures: &Figures, language: Language) -> Result<String, String> {
    let (keys, decimals) =
        asked.split_once(" .").map_or((asked, None), |(keys, decimals)| (keys, Some(decimals)));
    let value = |key: &str| {
        let (key, number) = (key.trim(), key.trim().parse().ok());
        let value = number.or_else(|| figures.values.get(key).copied());
        value.ok_or_else(|| format!("there is no figure {key}"))
    };
    let value = match keys.split_once(['/', '*']) {
        Some((one, other)) if keys.contains('/') => value(one)? / value(other)?,
        Some((one, other)) => value(one)? * value(other)?,
        None => value(keys)?,
    };
    let mut text = match decimals {
        Some(decimals) => {
            fixed(value, decimals.parse().map_err(|_| format!("{decimals} is no number of decimals"))?)
        }
        None => number(value),
    };
    if keys.split(['/', '*']).any(|key| figures.is_not_valid(key.trim())) {
        text = format!("{text} ({})", Word::NotValid.text(language));
    }
    Ok(text)
}

/// `calls lang=ko columns=call,p95,p99 rows=token,status`.
fn table(asked: &str, figures: &Figures, language: Language) -> Result<String, String> {
    let mut words = asked.split_whitespace();
    let name = words.next().unwrap_or_default();
    let mut table = figures.tables.get(name).cloned().ok_or_else(|| format!("there is no table {name}"))?;
    let (mut language, mut columns) = (language, None);
    for word in words {
        match word.split_once('=') {
            Some(("lang", code)) => {
                language = Language::named(code).ok_or_else(|| format!("no tables are written in {code}"))?;
            }
            Some(("columns", names)) => columns = Some(names),
            Some(("rows", names)) => choose_rows(&mut table, names)?,
            _ => return Err(format!("{word} is not understood")),
        }
    }
    // Last, since rows are known by a cell that may not be chosen.
    if let Some(names) = columns {
        choose_columns(&mut table, names)?;
    }
    Ok(format!("\n\n{}\n\n", table.markdown(language)))
}

fn choose_columns(table: &mut Table, names: &str) -> Result<(), String> {
    let mut chosen = Vec::new();
    for name in names.split(',') {
        let column: Column =
            serde_json::from_value(name.into()).map_err(|_| format!("no column is called {name}"))?;
        let at = table.columns.iter().position(|other| *other == column);
        chosen.push(at.ok_or_else(|| format!("the table has no column {name}"))?);
    }
    table.columns = chosen.iter().map(|at| table.columns[*at]).collect();
    for row in &mut table.rows {
        row.cells = chosen.iter().filter_map(|at| row.cells.get(*at).cloned()).collect();
    }
    Ok(())
}

/// Rows whose first cell is one of these, or whose first cells are, in this order.
fn choose_rows(table: &mut Table, names: &str) -> Result<(), String> {
    let mut chosen = Vec::new();
    for name in names.split(',') {
        let is_it = |row: &&Row| {
            let mut cells = row.cells.iter();
            name.split('/').all(|part| cells.next().is_some_and(|cell| cell.shown(Language::English) == part))
        };
        let before = chosen.len();
        chosen.extend(table.rows.iter().filter(is_it).cloned());
        if chosen.len() == before {
            return Err(format!("the table has no row {name}"));
        }
    }
    table.rows = chosen;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::Cell;

    fn figures() -> Figures {
        let mut figures = Figures::default();
        for (key, value) in [("token.p99_ms", 3.8172), ("bad.p99_ms", 40.0), ("before.p99_ms", 7.6344)] {
            figures.values.insert(key.to_owned(), value);
        }
        figures.not_valid.push("bad".to_owned());
        let rows = ["token", "status"]
            .map(|name| Row::new([Cell::text(name), Cell::Number(2.5), Cell::Number(4.0)]));
        let table = Table::new([Column::Call, Column::P95, Column::P99], rows);
        figures.tables.insert("calls".to_owned(), table);
        figures
    }

    fn english(text: &str) -> Result<String, Wrong> {
        rewrite(text, &figures(), Language::English)
    }

    #[test]
    fn a_figure_is_written_and_nothing_else_is_touched() {
        let text = "p99 is <!--=token.p99_ms-->old<!--/--> ms,\r\n <!-- a note --> not `x`.";
        let expected = "p99 is <!--=token.p99_ms-->3.82<!--/--> ms,\r\n <!-- a note --> not `x`.";
        assert_eq!(english(text).unwrap(), expected);
        assert_eq!(english(expected).unwrap(), expected);
    }

    #[test]
    fn a_figure_can_be_rounded_divided_and_multiplied() {
        for (asked, written) in [
            ("token.p99_ms .1", "3.8"),
            ("token.p99_ms/before.p99_ms", "0.50"),
            ("bad.p99_ms/2", "20 (**not valid**)"),
            ("token.p99_ms*1000 .0", "3,817"),
        ] {
            let text = |figure: &str| format!("a <!--={asked}-->{figure}<!--/-->");
            assert_eq!(english(&text("")).unwrap(), text(written));
        }
    }

    #[test]
    fn a_figure_that_says_nothing_is_marked_in_the_document_s_language() {
        let text = "a <!--=bad.p99_ms-->40<!--/-->";
        assert!(english(text).unwrap().contains(">40 (**not valid**)<"));
        assert!(rewrite(text, &figures(), Language::Korean).unwrap().contains(">40 (**무효**)<"));
    }

    #[test]
    fn a_table_is_chosen_from_and_written_in_either_language() {
        let text = "<!-- figures: calls lang=ko columns=p99,call rows=status -->\nold\n<!-- end -->\nrest";
        let expected = "<!-- figures: calls lang=ko columns=p99,call rows=status -->\n\n\
            | p99 ms | 호출 |\n|--:|---|\n| 4 | status |\n\n<!-- end -->\nrest";
        assert_eq!(english(text).unwrap(), expected);
    }

    #[test]
    fn a_row_is_known_by_as_many_of_its_first_cells_as_are_named() {
        let mut table = figures().tables["calls"].clone();
        table.rows.push(Row::new([Cell::text("token"), Cell::Number(9.0), Cell::Number(4.0)]));
        let rows = |names: &str| {
            let mut chosen = table.clone();
            choose_rows(&mut chosen, names).map(|()| chosen.rows.len())
        };
        assert_eq!((rows("token"), rows("token/9"), rows("token/9,status")), (Ok(2), Ok(1), Ok(2)));
        assert_eq!(rows("status/9"), Err("the table has no row status/9".to_owned()));
    }

    #[test]
    fn what_there_is_not_is_said_where_it_is_asked_for() {
        for (text, reason) in [
            ("a <!--=token.p98_ms-->1<!--/-->", "there is no figure token.p98_ms"),
            ("a <!--=token.p99_ms-->1", "there is no <!--/--> after it"),
            ("a <!-- figures: seats --><!-- end -->", "there is no table seats"),
            ("a <!-- figures: calls columns=p50 --><!-- end -->", "the table has no column p50"),
            ("a <!-- figures: calls lang=fr --><!-- end -->", "no tables are written in fr"),
        ] {
            assert_eq!(english(text), Err(Wrong { at: 2, reason: reason.to_owned() }));
        }
        for start in ["", "- ", "1. ", "> ", "x\n  "] {
            let refused = english(&format!("{start}<!--=token.p99_ms-->1<!--/-->")).unwrap_err();
            assert!(refused.reason.contains("begin with a word"), "{start:?}: {refused:?}");
        }
        let within = english("<!-- figures: calls -->\n<!--=token.p99_ms-->1<!--/-->\n<!-- end -->");
        assert_eq!(within.unwrap_err().reason, "a mark within another");
    }
}
