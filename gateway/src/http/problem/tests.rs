use tonic::{Code, Status};

use super::*;
use crate::{
    failure::{Failure, Service},
    upstream::failure_of,
};

const DOCS: &str = include_str!("../../../../docs/problems.md");

/// The rows of the table in the documentation, cell by cell.
fn documented() -> Vec<Vec<String>> {
    let rows = DOCS.lines().filter(|line| line.starts_with("| `urn:onsale:problem:"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn row(kind: ProblemType) -> Vec<String> {
    let codes: Vec<_> = kind.grpc_codes().iter().map(|code| format!("`{code}`")).collect();
    vec![
        format!("`{}`", kind.uri()),
        kind.status().as_u16().to_string(),
        kind.kind().name().to_owned(),
        if codes.is_empty() { "–".to_owned() } else { codes.join(", ") },
        kind.title().to_owned(),
    ]
}

#[test]
fn the_documentation_lists_what_there_is_and_nothing_else() {
    let documented = documented();
    let listed: Vec<_> = documented.iter().map(|row| row[..5].to_vec()).collect();
    let there_are: Vec<_> = ProblemType::ALL.iter().copied().map(row).collect();
    assert_eq!(listed, there_are, "docs/problems.md and http/problem/table.rs differ");
    for row in &documented {
        assert!(row.len() == 6 && row[5].len() > 10, "what to do about {} is not said", row[0]);
    }
}

fn name(code: Code) -> String {
    format!("{code:?}").chars().fold(String::new(), |mut name, letter| {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
        name
    })
}

#[test]
fn each_grpc_code_becomes_the_problem_of_the_table() {
    for code in (1..=16).map(Code::from_i32) {
        let problem = Problem::from(failure_of(Service::Queue, Status::new(code, "no")));
        let codes = problem.problem_type().grpc_codes();
        assert!(codes.contains(&name(code).as_str()), "{code:?} became {:?}", problem.problem_type());
    }
}

#[test]
fn an_outage_says_when_to_come_back_and_nothing_else_says_so() {
    for code in (1..=16).map(Code::from_i32) {
        let response = Problem::from(failure_of(Service::Catalog, Status::new(code, "no"))).into_response();
        let comes_back = response.headers().contains_key(header::RETRY_AFTER);
        assert_eq!(comes_back, response.status() == StatusCode::SERVICE_UNAVAILABLE, "{code:?}");
    }
}

#[test]
fn waiting_times_are_whole_seconds_and_never_too_short() {
    assert_eq!(seconds(Duration::ZERO), 1);
    assert_eq!(seconds(Duration::from_millis(1_001)), 2);
    assert_eq!(seconds(Duration::from_secs(2)), 2);
}

/// The other way round it does not hold: some refusals are 503, so that clients come back.
#[test]
fn faults_are_what_http_calls_errors_of_the_server_and_mistakes_are_the_clients() {
    for problem in ProblemType::ALL {
        match problem.kind() {
            ProblemKind::Fault => assert!(problem.status().is_server_error(), "{problem:?}"),
            ProblemKind::Mistake => assert!(problem.status().is_client_error(), "{problem:?}"),
            ProblemKind::Refusal => {
                assert_ne!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR, "{problem:?}");
            }
        }
    }
}

#[test]
fn slugs_are_one_of_a_kind() {
    let mut slugs: Vec<_> = ProblemType::ALL.iter().map(|kind| kind.slug()).collect();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), ProblemType::ALL.len());
}

#[tokio::test]
async fn a_broken_service_is_not_described_to_the_caller_but_to_the_log() {
    let failure = Failure::Broken { service: Service::Queue, reason: "key room:1 holds a list".to_owned() };
    let response = Problem::from(failure).into_response();
    let note = response.extensions().get::<ProblemNote>().unwrap();
    assert!(note.reason.as_ref().unwrap().contains("room:1"), "{note:?}");
    let headers = format!("{:?}", response.headers());
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let shown = String::from_utf8(body.to_vec()).unwrap();
    assert!(!headers.contains("room:1") && !shown.contains("room:1"), "{headers} {shown}");
}
