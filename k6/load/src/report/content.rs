use super::table::Table;

/// A report as what it says, before it is Markdown or HTML.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    /// A heading, with its level.
    Heading(u8, String),
    Text(String),
    /// Something that the reader must not miss.
    Warning(String),
    Bullets(Vec<String>),
    Table(Table),
    Plot(Plot),
}

/// A picture, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plot {
    /// The name of its file, without `.svg`.
    pub(crate) name: String,
    /// What it shows, as a reader asks.
    pub(crate) title: String,
    /// What is needed to read it.
    pub(crate) caption: String,
    pub(crate) drawing: Drawing,
}

/// What there is of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Drawing {
    Svg(String),
    /// There are no data, for this reason.
    Missing(String),
}

impl Block {
    pub(crate) fn heading(level: u8, text: impl Into<String>) -> Self {
        Self::Heading(level, text.into())
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}
