//! Documents whose lines can be typed: a test types them, and holds the answers to what is written below them.
//!
//! A block of `sh` is run; all blocks of a section share one shell. Where a block of `json` follows, the last thing
//! that was printed has to be like it: every member that the document shows is there with that value, but for
//! those that differ each time, of which only the type is held to; of a list the first elements are shown.

use std::{fs, path::Path, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::process::Command;

use crate::api::OPERATOR_KEY;

/// Longer than any section takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// What differs from one visit to the next.
const VOLATILE: [&str; 30] = [
    "ageMs",
    "availableReservationTime",
    "cancelledAt",
    "concertTime",
    "endsAt",
    "epoch",
    "estimatedWaitSeconds",
    "expiresAt",
    "firstAt",
    "floor",
    "heldAt",
    "holdId",
    "lastAt",
    "lastNumber",
    "latestEndAt",
    "nextCursor",
    "number",
    "opensAt",
    "p50",
    "p90",
    "policyVersion",
    "pollAfterMs",
    "reservationEndTime",
    "saleId",
    "serverTime",
    "serving",
    "sessionId",
    "soldAt",
    "token",
    "version",
];

/// What is typed, and what is said to come of it.
#[derive(Debug)]
struct Step {
    typed: String,
    answer: Option<Value>,
}

/// Types a section of a document, in a folder like the repository's while Onsale is up.
pub(crate) async fn type_section(document: &str, section: &str, address: &str) {
    let steps = steps(document, section);
    assert!(steps.len() > 2, "{section}: {steps:?}");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".onsale/keys")).unwrap();
    fs::write(folder.path().join(".onsale/keys/operator"), format!("{OPERATOR_KEY}\n")).unwrap();
    run(&script(&steps), folder.path(), address).await;
    for (place, step) in steps.iter().enumerate() {
        let printed = fs::read_to_string(folder.path().join(place.to_string())).unwrap();
        let Some(wanted) = &step.answer else { continue };
        let last = serde_json::Deserializer::from_str(&printed).into_iter::<Value>().last();
        let answer = match last {
            Some(Ok(answer)) => answer,
            other => panic!("{other:?}: {printed:?} came of\n{}", step.typed),
        };
        if let Err(difference) = is_like(&answer, wanted, "answer") {
            panic!("{difference}, of {answer}, which came of\n{}", step.typed);
        }
    }
}

/// Each step writes to a file of its own, and leaves its variables to the next.
fn script(steps: &[Step]) -> String {
    let typed = steps.iter().enumerate().map(|(place, step)| format!("{{\n{}\n}} > {place}\n", step.typed));
    typed.collect()
}

async fn run(script: &str, folder: &Path, address: &str) {
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", script]).current_dir(folder).env("ONSALE", address);
    bash.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, bash.output()).await.expect("the lines to come to an end");
    let output = output.unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
}

/// The blocks below a heading, up to the next one of its level.
fn steps(document: &str, section: &str) -> Vec<Step> {
    let heading = format!("\n## {section}\n");
    let (_, below) = document.split_once(&heading).unwrap_or_else(|| panic!("no section {section}"));
    let below = below.split_once("\n## ").map_or(below, |(section, _)| section);
    let mut steps: Vec<Step> = Vec::new();
    for block in below.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match (language, steps.last_mut()) {
            ("sh", _) => steps.push(Step { typed: text.to_owned(), answer: None }),
            ("json", Some(step)) => step.answer = Some(serde_json::from_str(text).expect(text)),
            _ => {}
        }
    }
    steps
}

fn is_like(answer: &Value, wanted: &Value, place: &str) -> Result<(), String> {
    match (answer, wanted) {
        (Value::Object(answer), Value::Object(wanted)) => {
            for (name, wanted) in wanted {
                let place = format!("{place}.{name}");
                let answer = answer.get(name).ok_or_else(|| format!("no {place}"))?;
                let is_volatile = VOLATILE.contains(&name.as_str());
                let same_type = std::mem::discriminant(answer) == std::mem::discriminant(wanted);
                if !(is_volatile && same_type) {
                    is_like(answer, wanted, &place)?;
                }
            }
            Ok(())
        }
        (Value::Array(answer), Value::Array(wanted)) => {
            let there_are = answer.len() >= wanted.len();
            there_are.then_some(()).ok_or_else(|| format!("{place} is too short"))?;
            let mut pairs = answer.iter().zip(wanted);
            pairs.try_for_each(|(answer, wanted)| is_like(answer, wanted, &format!("{place}[]")))
        }
        _ if answer == wanted => Ok(()),
        _ => Err(format!("{place} is {answer}, and not {wanted}")),
    }
}

#[test]
fn a_document_that_says_something_else_is_found_out() {
    let wanted = serde_json::json!({"status": "WAITING", "number": 7, "seats": [{"seatId": 1}]});
    let like = |text: &str| is_like(&serde_json::from_str(text).unwrap(), &wanted, "answer");
    let same = r#"{"status": "WAITING", "number": 9, "seats": [{"seatId": 1}, {"seatId": 2}], "more": 1}"#;
    assert_eq!(like(same), Ok(()));
    for (other, difference) in [
        (r#"{"status": "ACTIVE", "number": 7, "seats": [{"seatId": 1}]}"#, "answer.status is"),
        (r#"{"status": "WAITING", "number": "7", "seats": [{"seatId": 1}]}"#, "answer.number is"),
        (r#"{"status": "WAITING", "number": 7, "seats": []}"#, "answer.seats is too short"),
        (r#"{"status": "WAITING", "number": 7}"#, "no answer.seats"),
    ] {
        assert!(like(other).unwrap_err().starts_with(difference), "{other}");
    }
}
