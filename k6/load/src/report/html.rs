use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    content::{Block, Drawing, Plot},
    language::Language,
    table::{Cell, Table},
};

/// The report as one page that needs nothing else: no script, no font, no other file.
pub(crate) fn page(title: &str, blocks: &[Block]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body { main { @for block in blocks { (shown(block)) } } }
        }
    };
    page.into_string()
}

fn shown(block: &Block) -> Markup {
    match block {
        Block::Heading(1, title) => html! { h1 { (title) } },
        Block::Heading(2, title) => html! { h2 { (title) } },
        Block::Heading(_, title) => html! { h3 { (title) } },
        Block::Text(text) => html! { p { (text) } },
        Block::Warning(text) => html! { p.warning role="alert" { strong { (text) } } },
        Block::Bullets(items) => html! { ul { @for item in items { li { (item) } } } },
        Block::Table(table) => shown_table(table),
        Block::Plot(plot) => shown_plot(plot),
    }
}

fn shown_table(table: &Table) -> Markup {
    let class = |column| table.is_of_figures(column).then_some("figure");
    html! {
        div.wide {
            table {
                thead { tr { @for (index, column) in table.columns.iter().enumerate() {
                    th class=[class(index)] scope="col" { (column.text(Language::English)) }
                } } }
                tbody { @for row in &table.rows {
                    tr class=[row.is_not_valid.then_some("not-valid")] {
                        @for (index, cell) in row.cells.iter().enumerate() {
                            td class=[class(index)] {
                                (shown_cell(cell))
                                @if row.is_not_valid && index == 0 { " · " strong { "not valid" } }
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn shown_cell(cell: &Cell) -> Markup {
    let text = cell.shown(Language::English);
    let strong = text.strip_prefix("**").and_then(|text| text.strip_suffix("**"));
    if let (Cell::Word(_), Some(strong)) = (cell, strong) {
        return html! { strong { (strong) } };
    }
    html! { (text) }
}

fn shown_plot(plot: &Plot) -> Markup {
    html! {
        figure {
            figcaption { strong { (plot.title) } " " (plot.caption) }
            @match &plot.drawing {
                // Drawn by the report itself, with every text in it escaped.
                Drawing::Svg(svg) => (PreEscaped(svg)),
                Drawing::Missing(why) => p.missing { "Not drawn: " (why) "." },
            }
        }
    }
}
