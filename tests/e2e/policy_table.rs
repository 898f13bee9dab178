//! The table of docs/operating-a-room.md: what a policy can be is what it says, field by field.

use reqwest::Method;
use serde_json::{Value, json};

use crate::onsale::Onsale;

const DOCUMENT: &str = include_str!("../../docs/operating-a-room.md");

/// A documented field with a range of numbers.
struct Row {
    name: String,
    least: String,
    most: String,
    at_first: String,
}

/// The rows of the table that have a range, and the names of all.
fn table() -> (Vec<Row>, Vec<String>) {
    let (_, below) = DOCUMENT.split_once("| field | range | site room at first |").unwrap();
    let rows = below.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let (mut ranges, mut names) = (Vec::new(), Vec::new());
    for row in rows {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
        names.push(cells[1].clone());
        if let Some((least, most)) = cells[2].split_once(" – ") {
            let plain = |text: &str| text.replace([',', '`'], "");
            let (least, most) = (plain(least), plain(most));
            ranges.push(Row { name: cells[1].clone(), least, most, at_first: plain(&cells[3]) });
        }
    }
    (ranges, names)
}

/// A number as the field's type has it.
fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The next number outside of a range, if the type has one.
fn beyond(text: &str, up: bool) -> Option<Value> {
    let value: f64 = text.parse().unwrap();
    if value.fract() != 0.0 {
        return Some(json!(value / 2.0));
    }
    let whole: u64 = text.parse().unwrap();
    if up { Some(json!(whole + 1)) } else { whole.checked_sub(1).map(|less| json!(less)) }
}

#[tokio::test]
async fn every_field_is_as_documented() {
    let onsale = Onsale::start().await;
    let api = onsale.api();
    let (rows, names) = table();
    let at_first = api.room(1).await["policy"].clone();
    let mut known: Vec<_> =
        at_first.as_object().unwrap().keys().cloned().chain(["opensAt".to_owned()]).collect();
    known.sort_unstable();
    assert_eq!(
        {
            let mut names = names;
            names.sort_unstable();
            names
        },
        known
    );
    assert_eq!(at_first["mode"], "off");
    assert_eq!(rows.len(), 8);

    let put =
        async |policy: &Value| api.admin(Method::PUT, "rooms/9", Some(&json!({ "policy": policy }))).await;
    for Row { name, least, most, at_first: first } in &rows {
        assert_eq!(at_first[name].as_f64(), first.parse().ok(), "{name} at first");
        let with = |value: Value| {
            let mut policy = at_first.clone();
            (policy["leaseMs"], policy["sessionCapMs"]) = (json!(1_000), json!(86_400_000));
            policy[name] = value;
            policy
        };
        let least = if least == "leaseMs" { "1000" } else { least };
        for taken in [least, most] {
            put(&with(number(taken))).await.is(200);
        }
        for refused in [beyond(least, false), beyond(most, true)].into_iter().flatten() {
            let problem = put(&with(refused)).await.is_problem(422, "invalid-value");
            assert_eq!(problem["errors"][0]["field"], format!("policy.{name}"));
        }
    }
}
