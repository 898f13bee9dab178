//! The OpenAPI document and its page.

use serde_json::Value;

use crate::world::World;

/// The document in the repository.
const COMMITTED: &str = include_str!("../../../docs/openapi.json");

#[test]
fn the_committed_document_is_the_generated_one() {
    let generated = onsale_gateway::openapi().unwrap();
    if generated.trim() != COMMITTED.trim() {
        if std::env::var_os("ONSALE_UPDATE_DOCUMENTS").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
            std::fs::write(path, generated + "\n").unwrap();
        }
        panic!("docs/openapi.json is not what the handlers say; ONSALE_UPDATE_DOCUMENTS=1 writes it");
    }
}

#[tokio::test]
async fn the_document_is_served_with_examples_and_the_page_needs_nothing_from_elsewhere() {
    let world = World::start().await;
    let document = world.get("/openapi.json").await.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{document}");
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(operation["summary"].as_str().is_some(), "{method} {path} has no summary");
            assert!(operation["operationId"].as_str().is_some(), "{method} {path} has no name");
        }
    }
    let join = &document["paths"]["/api/queues/token"]["post"];
    assert!(join["requestBody"]["content"]["application/json"]["example"].is_object(), "{join}");
    assert!(join["responses"]["201"]["content"]["application/json"]["example"].is_object(), "{join}");
    let page = world.get("/docs/").await;
    assert_eq!(page.header("content-type"), Some("text/html"));
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    for asset in assets(&page.text) {
        let answer = world.get(&format!("/docs/{asset}")).await;
        assert_eq!(answer.status, 200, "{asset}");
    }
    let initializer = world.get("/docs/swagger-initializer.js").await;
    assert!(initializer.text.contains("/openapi.json"), "{initializer:?}");
    assert!(!initializer.text.contains("petstore"), "{initializer:?}");
    world.get("/docs/nothing.js").await.is_problem(404, "no-such-route");
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document: Value = serde_json::from_str(&onsale_gateway::openapi().unwrap()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.push(reference.clone());
            }
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the page loads.
fn assets(page: &str) -> Vec<String> {
    let after = page.split("src=\"").skip(1).chain(page.split("href=\"").skip(1));
    after
        .filter_map(|rest| rest.split('"').next())
        .map(|path| path.trim_start_matches("./").to_owned())
        .collect()
}
