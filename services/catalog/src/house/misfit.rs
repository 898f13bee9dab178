use std::fmt;

use thiserror::Error;

/// Something in a house's file that does not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct Misfit {
    /// Where in the file, as a JSON pointer: `/halls/0/name` is the name of the first hall.
    pub place: String,
    /// What does not fit.
    pub problem: String,
}

/// All that does not fit: one or more.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Misfits(pub Vec<Misfit>);

/// So many are written out; one mistake can have hundreds of consequences.
const WRITTEN_OUT: usize = 20;

impl fmt::Display for Misfits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.0.split_at(self.0.len().min(WRITTEN_OUT));
        let lines: Vec<String> = first.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("; "))?;
        if rest.is_empty() { Ok(()) } else { write!(f, "; and {} more", rest.len()) }
    }
}

impl From<Misfit> for Misfits {
    fn from(misfit: Misfit) -> Self {
        Self(vec![misfit])
    }
}

/// A place in the file, while it is walked through.
#[derive(Debug, Clone)]
pub(super) struct Place(String);

impl Place {
    /// The whole file.
    pub(super) fn file() -> Self {
        Self(String::new())
    }

    /// A field of this, or an entry by its index.
    pub(super) fn at(&self, step: impl fmt::Display) -> Self {
        let step = step.to_string().replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{step}", self.0))
    }

    /// Something that does not fit here.
    pub(super) fn misfit(&self, problem: impl Into<String>) -> Misfit {
        let place = if self.0.is_empty() { "the file".to_owned() } else { self.0.clone() };
        Misfit { place, problem: problem.into() }
    }
}
