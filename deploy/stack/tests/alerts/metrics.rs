use std::collections::BTreeSet;

use promql_parser::{
    parser::{self, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};

/// The metrics that an expression asks for.
pub(crate) fn named(expression: &str) -> BTreeSet<String> {
    let mut names = Names(BTreeSet::new());
    walk_expr(&mut names, &parser::parse(expression).unwrap()).unwrap();
    names.0
}

struct Names(BTreeSet<String>);

impl Names {
    fn add(&mut self, selector: &VectorSelector) {
        self.0.insert(selector.name.clone().unwrap());
    }
}

impl ExprVisitor for Names {
    type Error = ();

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "only selectors name metrics")]
        match expression {
            Expr::VectorSelector(selector) => self.add(selector),
            Expr::MatrixSelector(selector) => self.add(&selector.vs),
            _ => {}
        }
        Ok(true)
    }
}

/// The name that a histogram's series are listed under.
pub(crate) fn family(name: &str) -> &str {
    ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// The metrics of the tables in docs/observability.md: the first column, in backticks.
pub(crate) fn inventory(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`')).map(|(name, _)| name.to_owned()).collect()
}
