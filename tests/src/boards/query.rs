use promql_parser::{
    parser::{Expr, LabelModifier, VectorSelector},
    util::{ExprVisitor, walk_expr},
};

use super::Variables;

/// What one panel asks of Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The board's uid.
    pub board: String,
    /// The panel's title.
    pub panel: String,
    /// The expression as it is written, with variables.
    pub written: String,
    /// What its lines are called, with `{{label}}` where a label stands; empty for all of their labels.
    pub legend: String,
}

/// An expression that Prometheus would not take.
#[derive(Debug, thiserror::Error)]
#[error("{board}, {panel:?}: {reason}: {written}")]
pub struct QueryError {
    board: String,
    panel: String,
    written: String,
    reason: String,
}

/// A metric in an expression, and the labels that are chosen by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The metric's name, of a histogram that of the series, such as `…_bucket`.
    pub metric: String,
    /// The labels that choose among its series.
    pub labels: Vec<String>,
}

impl Query {
    /// The expression with its variables filled in.
    #[must_use]
    pub fn filled(&self, variables: &Variables) -> String {
        variables.fill_in(&self.written)
    }

    /// The expression, taken apart.
    ///
    /// # Errors
    /// Where it is no `PromQL`, also because of a variable that nobody knows.
    pub fn parse(&self) -> Result<Expr, QueryError> {
        promql_parser::parser::parse(&self.filled(&Variables::default())).map_err(|reason| QueryError {
            board: self.board.clone(),
            panel: self.panel.clone(),
            written: self.written.clone(),
            reason,
        })
    }

    /// The metrics that it names.
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn uses(&self) -> Result<Vec<Use>, QueryError> {
        Ok(seen(&self.parse()?).uses)
    }

    /// The labels that it groups by.
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn grouped_by(&self) -> Result<Vec<String>, QueryError> {
        Ok(seen(&self.parse()?).grouped_by)
    }

    /// Whether there may be nothing to show although all is well and measured: it asks for alerts, or for what a
    /// comparison leaves.
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn may_be_empty(&self) -> Result<bool, QueryError> {
        let seen = seen(&self.parse()?);
        Ok(seen.compares || seen.uses.iter().any(|used| used.metric == "ALERTS"))
    }

    /// Whether it is of a load generator, which is not always there.
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn of_load(&self) -> Result<bool, QueryError> {
        Ok(self.uses()?.iter().any(|used| used.metric.starts_with("k6_")))
    }
}

fn seen(expression: &Expr) -> Seen {
    let mut seen = Seen::default();
    let Ok(_) = walk_expr(&mut seen, expression);
    seen
}

/// What is in an expression.
#[derive(Default)]
struct Seen {
    uses: Vec<Use>,
    grouped_by: Vec<String>,
    compares: bool,
}

impl Seen {
    fn selector(&mut self, selector: &VectorSelector) {
        let labels = selector.matchers.matchers.iter().map(|matcher| matcher.name.clone()).collect();
        self.uses.push(Use { metric: selector.name.clone().unwrap_or_default(), labels });
    }
}

impl ExprVisitor for Seen {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Self::Error> {
        if let Expr::VectorSelector(selector) = expression {
            self.selector(selector);
        }
        if let Expr::MatrixSelector(range) = expression {
            self.selector(&range.vs);
        }
        if let Expr::Aggregate(aggregate) = expression
            && let Some(LabelModifier::Include(labels)) = &aggregate.modifier
        {
            self.grouped_by.extend(labels.labels.iter().cloned());
        }
        if let Expr::Binary(binary) = expression
            && binary.op.is_comparison_operator()
            && !binary.return_bool()
        {
            self.compares = true;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
