use super::*;

fn query(written: &str) -> Query {
    Query {
        board: "board".to_owned(),
        panel: "panel".to_owned(),
        written: written.to_owned(),
        legend: String::new(),
    }
}

#[test]
fn a_query_says_what_it_names_and_groups_by() {
    let asked =
        query(r#"sum by (room) (rate(a_total{room=~"$room",x="y"}[$__rate_interval])) / max by (le) (b)"#);
    let uses = asked.uses().unwrap();
    let labels = vec!["room".to_owned(), "x".to_owned()];
    assert_eq!(uses[0], Use { metric: "a_total".to_owned(), labels });
    assert_eq!(uses[1], Use { metric: "b".to_owned(), labels: Vec::new() });
    assert_eq!(asked.grouped_by().unwrap(), ["room", "le"]);
}

#[test]
fn what_a_comparison_leaves_may_be_nothing() {
    assert!(query("up == 0").may_be_empty().unwrap());
    assert!(query("a / (b > 0)").may_be_empty().unwrap());
    assert!(query("count(ALERTS)").may_be_empty().unwrap());
    assert!(!query("a == bool 0").may_be_empty().unwrap());
    assert!(!query("a + b").may_be_empty().unwrap());
}

#[test]
fn what_is_no_promql_is_refused() {
    for wrong in ["rate(a)", "sum(a", "rate(a[$__unknown])", "sum by (a) a_total{"] {
        let refused = query(wrong).parse();
        assert!(refused.is_err(), "{wrong} is taken");
    }
}

#[test]
fn variables_are_filled_in() {
    let asked = query(r#"increase(a{instance=~"$instance"}[$__range]) + rate(b[$__rate_interval])"#);
    let filled = asked.filled(&Variables::default());
    assert_eq!(filled, r#"increase(a{instance=~".*"}[600s]) + rate(b[15s])"#);
}
