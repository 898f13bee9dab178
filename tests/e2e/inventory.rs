//! The inventory of metrics in docs/observability.md is what the programs have. `ONSALE_UPDATE_DOCUMENTS=1` writes it.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

use onsale_stack::Service;
use serde_json::Value;

use crate::onsale::Onsale;

const DOCUMENT: &str = "../docs/observability.md";
const HEADING: &str = "## Metric inventory\n";
const ABOUT: &str = "
What the programs' ops ports have under `/metrics`, by Prometheus' names. A histogram's series have `_bucket`, `_sum`
and `_count` behind the name. Prometheus adds `job` and `instance`. Each program tells its own at `/metrics/inventory`,
of which these tables are made; a test compares them.
";

/// The rows of a program's table, by name.
type Rows = BTreeMap<String, String>;

async fn rows(program: &Service) -> Rows {
    let (status, text) = program.ops("/metrics/inventory").await.expect("the ops port to answer");
    assert_eq!(status, 200);
    let inventory: Vec<Value> = serde_json::from_str(&text).unwrap();
    inventory.iter().map(|metric| (metric["name"].as_str().unwrap().to_owned(), row(metric))).collect()
}

fn row(metric: &Value) -> String {
    let text = |field: &str| metric[field].as_str().unwrap().to_owned();
    let labels: Vec<_> = metric["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| format!("`{}`", label.as_str().unwrap()))
        .collect();
    let labels = if labels.is_empty() { "–".to_owned() } else { labels.join(", ") };
    format!("| `{}` | {} | {labels} | {} |", text("name"), text("kind"), text("help"))
}

/// What all have is said once.
fn written(programs: &[(&'static str, Rows); 3]) -> String {
    let [(_, one), (_, two), (_, three)] = programs;
    let of_all =
        |(name, row): &(&String, &String)| two.get(*name) == Some(*row) && three.get(*name) == Some(*row);
    let all: Rows = one.iter().filter(of_all).map(|(name, row)| (name.clone(), row.clone())).collect();
    let own = programs.clone().map(|(program, mut rows)| {
        rows.retain(|name, _| !all.contains_key(name));
        (program, rows)
    });
    let mut text = format!("{HEADING}{ABOUT}");
    for (title, rows) in [("Every program", all.clone())].into_iter().chain(own) {
        // A String takes whatever is written to it.
        let _ = writeln!(text, "\n### {title}\n\n| name | kind | labels | what it says |\n|---|---|---|---|");
        for row in rows.values() {
            let _ = writeln!(text, "{row}");
        }
    }
    text
}

#[tokio::test]
async fn the_documented_inventory_is_what_the_programs_have() {
    let onsale = Onsale::start().await;
    let programs = [
        ("queue", rows(&onsale.queues[0]).await),
        ("catalog", rows(&onsale.catalogs[0]).await),
        ("gateway", rows(&onsale.gateways[0]).await),
    ];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let document = fs::read_to_string(&path).unwrap();
    let from = document.find(HEADING).expect("the heading");
    let rest = &document[from + HEADING.len()..];
    let to = rest.find("\n## ").map_or(document.len(), |end| from + HEADING.len() + end + 1);
    let wanted = written(&programs);
    if env::var_os("ONSALE_UPDATE_DOCUMENTS").is_some() {
        let gap = if to < document.len() { "\n" } else { "" };
        fs::write(&path, format!("{}{wanted}{gap}{}", &document[..from], &document[to..])).unwrap();
        return;
    }
    assert!(
        document[from..to].trim_end() == wanted.trim_end(),
        "docs/observability.md is not what the programs have; ONSALE_UPDATE_DOCUMENTS=1 writes:\n{wanted}"
    );
}

/// A metric that a program has and does not know of, or knows of and spells otherwise, is in no inventory. The exporter
/// adds one that says which program it is.
#[tokio::test]
async fn whatever_is_exposed_is_in_the_inventory() {
    let onsale = Onsale::start().await;
    for program in onsale.queues.iter().chain(&onsale.catalogs).chain(&onsale.gateways) {
        let known = rows(program).await;
        let (_, text) = program.ops("/metrics").await.unwrap();
        let exposed = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        let unknown: Vec<_> =
            exposed.filter(|name| !known.contains_key(*name) && *name != "target_info").collect();
        assert_eq!(unknown, [""; 0], "{}", program.name());
    }
}
