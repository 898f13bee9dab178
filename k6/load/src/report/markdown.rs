use super::{
    content::{Block, Drawing},
    language::Language,
    table::escaped,
};

/// The report as Markdown, with its plots as files beside it.
pub(crate) fn markdown(blocks: &[Block]) -> String {
    let mut text = blocks.iter().map(block).collect::<Vec<_>>().join("\n\n");
    text.push('\n');
    text
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level, title) => format!("{} {}", "#".repeat(usize::from(*level)), escaped(title)),
        Block::Text(text) => escaped(text),
        Block::Warning(text) => format!("> **{}**", escaped(text)),
        Block::Bullets(items) => {
            items.iter().map(|item| format!("- {}", escaped(item))).collect::<Vec<_>>().join("\n")
        }
        Block::Table(table) => table.markdown(Language::English),
        Block::Plot(plot) => match &plot.drawing {
            Drawing::Svg(_) => format!(
                "**{}** {}\n\n![{}](plots/{}.svg)",
                escaped(&plot.title),
                escaped(&plot.caption),
                escaped(&plot.title),
                plot.name
            ),
            Drawing::Missing(why) => format!("**{}** Not drawn: {}.", escaped(&plot.title), escaped(why)),
        },
    }
}
