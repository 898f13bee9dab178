use onsale_telemetry::{Label, LabelValue};

/// Whose doing a problem is: what alerts tell apart. Decided in the table of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ProblemKind {
    /// As it is meant to be: not this visitor, or not now. A night of many is a good one.
    Refusal,
    /// The caller asks for what makes no sense.
    Mistake,
    /// The system does not do what it should.
    Fault,
}

impl ProblemKind {
    /// Its name in the documentation and in metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Mistake => "mistake",
            Self::Fault => "fault",
        }
    }
}

/// By hand, without values that are known beforehand: of the pairs of a type and a kind few are, and the table has them.
impl Label for ProblemKind {
    const KEY: &'static str = "kind";

    fn value(self) -> LabelValue {
        self.name().into()
    }
}
