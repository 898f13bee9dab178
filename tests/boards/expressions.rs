//! What boards may ask: `PromQL` that parses, rates over Grafana's own interval, percentiles of summed buckets.

use onsale_tests::boards::{Query, Variables};
use promql_parser::{
    parser::{Call, Expr, LabelModifier},
    util::{ExprVisitor, walk_expr},
};

use crate::{none, queries};

/// What is wrong with an expression.
#[derive(Default)]
struct Habits {
    wrong: Vec<&'static str>,
}

impl Habits {
    fn of(expression: &Expr) -> Vec<&'static str> {
        let mut habits = Self::default();
        let Ok(_) = walk_expr(&mut habits, expression);
        habits.wrong
    }

    fn call(&mut self, call: &Call) {
        match call.func.name {
            "round" | "floor" | "ceil" => self.wrong.push("a number is rounded"),
            "irate" => self.wrong.push("a rate of two samples"),
            "histogram_quantile" if !is_of_summed_buckets(&call.args.args[1]) => {
                self.wrong.push("a percentile of what is not sum by (le) (rate(..))");
            }
            _ => {}
        }
    }
}

/// `sum by (le, …) (rate(…_bucket…))`, or of a native histogram, which only the load generator sends, `sum … (rate(…))`.
fn is_of_summed_buckets(buckets: &Expr) -> bool {
    let Expr::Aggregate(sum) = buckets else { return false };
    let text = sum.expr.to_string();
    let by_bound = matches!(&sum.modifier, Some(LabelModifier::Include(by)) if by.labels.iter().any(|label| label == "le"));
    let bounded = by_bound && text.contains("_bucket");
    sum.op.to_string() == "sum" && text.starts_with("rate(") && (bounded || text.contains("k6_"))
}

impl ExprVisitor for Habits {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Self::Error> {
        if let Expr::Call(call) = expression {
            self.call(call);
        }
        if let Expr::Aggregate(aggregate) = expression
            && aggregate.expr.to_string().contains("histogram_quantile")
            && aggregate.op.to_string() != "max"
        {
            self.wrong.push("percentiles are put together");
        }
        Ok(true)
    }
}

/// What is wrong with the habits of a query.
fn wrong(query: &Query) -> Vec<&'static str> {
    let mut wrong = Habits::of(&query.parse().unwrap());
    if query.written.contains("rate(") && !query.written.contains("[$__rate_interval]") {
        wrong.push("a rate over an interval of its own");
    }
    if query.filled(&Variables::default()).contains('$') {
        wrong.push("a variable that nobody knows");
    }
    wrong
}

#[test]
fn every_expression_is_promql() {
    let refused =
        queries().iter().filter_map(|query| query.parse().err()).map(|e| e.to_string()).collect::<Vec<_>>();
    none(&refused);
}

#[test]
fn every_expression_has_good_habits() {
    let told = |query: &Query| {
        wrong(query)
            .iter()
            .map(|what| format!("{}, {}: {what}: {}", query.board, query.panel, query.written))
            .collect::<Vec<_>>()
    };
    none(&queries().iter().flat_map(told).collect::<Vec<_>>());
}

#[test]
fn bad_habits_are_found() {
    for bad in [
        "avg(histogram_quantile(0.9, sum by (le) (rate(a_bucket[$__rate_interval]))))",
        "histogram_quantile(0.9, rate(a_bucket[$__rate_interval]))",
        "histogram_quantile(0.9, sum by (room) (rate(a_bucket[$__rate_interval])))",
        "round(rate(a_total[$__rate_interval]), 0.1)",
        "rate(a_total[1m])",
        "a{room=~\"$rom\"}",
    ] {
        let query = Query {
            board: String::new(),
            panel: String::new(),
            written: bad.to_owned(),
            legend: String::new(),
        };
        assert_eq!(wrong(&query).len(), 1, "{bad}: {:?}", wrong(&query));
    }
}
