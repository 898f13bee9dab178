use super::*;

fn load(rate: f64, seconds: f64) -> OhaLoad {
    let headers = vec![("authorization".to_owned(), "Bearer t".to_owned())];
    let request = Request { url: "http://127.0.0.1:8080/api".to_owned(), method: "POST".to_owned(), headers };
    OhaLoad { request, bodies: None, rate, seconds, connections: 16 }
}

#[test]
fn it_is_told_an_open_model_with_waits_from_when_requests_are_due() {
    let mut load = load(200.0, 2.5);
    let words = load.arguments(Told::Summary, 0).join(" ");
    for part in [
        "-q 200 ",
        "--latency-correction",
        "-z 2500ms",
        " -w ",
        "-c 16",
        "-m POST",
        "-H authorization: Bearer t",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert!(!words.contains("-Z") && !words.contains("--worker-threads") && words.ends_with("8080/api"));
    load.bodies = Some("lines.txt".into());
    assert!(
        load.arguments(Told::Summary, 1)
            .join(" ")
            .contains("-T application/json -Z lines.txt --worker-threads 1")
    );
}

#[test]
fn bodies_are_many_more_than_requests() {
    let folder = tempfile::tempdir().unwrap();
    let mut load = load(20.0, 0.5);
    load.write_bodies(&folder.path().join("bodies"), |number| format!("{{\"userId\":\"u-{number}\"}}"))
        .unwrap();
    let text = std::fs::read_to_string(load.bodies.unwrap()).unwrap();
    assert_eq!(text.lines().count(), 100);
    assert_eq!(text.lines().last(), Some("{\"userId\":\"u-99\"}"));
}

#[tokio::test]
async fn it_begins_with_its_connections_and_is_not_waited_for_once_it_has_ended() {
    let shell = |script: &str| Launched::start("bash", &["-c".to_owned(), script.to_owned()], &[]).unwrap();
    let at_work = "for _ in {1..20}; do exec {file}<>/dev/udp/127.0.0.1/9; done; exec sleep 20";
    let working = shell(at_work);
    begins(&working).await.unwrap();
    assert!(sockets(working.pid().unwrap()).unwrap() >= SOCKETS);
    begins(&shell("exit")).await.unwrap();
    let reading = shell("exec sleep 20");
    assert!(tokio::time::timeout(10 * COUNTED, begins(&reading)).await.is_err(), "it has no connection");
}

#[test]
fn what_it_measured_has_the_names_that_k6_uses() {
    let summary = load(200.0, 3.0).summary(include_str!("answered.json"), "seats", &[200]).unwrap();
    let value = |metric: &str, value: &str| summary.value(metric, value).unwrap();
    for counter in ["iterations{scenario:seats}", "http_reqs{name:seats}", "http_reqs{name:seats,status:200}"]
    {
        assert_eq!(summary.value(counter, "count"), Some(600.0), "{counter}");
    }
    for none in ["dropped_iterations", "onsale_unexpected"] {
        assert!(value(none, "count").abs() < 1e-9, "{none}");
    }
    assert!((value("http_req_duration{name:seats}", "p(99)") - 1.457_168).abs() < 1e-6);
    assert!((value("http_req_duration{name:seats,status:200}", "max") - 4.151_448).abs() < 1e-6);
    assert!(value("http_req_failed{name:seats}", "rate").abs() < 1e-9);
    assert_eq!(summary.metrics["http_req_duration"].kind, "trend");
}

#[test]
fn what_was_due_and_not_begun_was_dropped() {
    let dropped = |rate| {
        let summary = load(rate, 3.0).summary(include_str!("answered.json"), "seats", &[200]).unwrap();
        summary.value("dropped_iterations", "count")
    };
    assert_eq!((dropped(200.1), dropped(210.0)), (Some(0.0), Some(30.0)));
}

#[test]
fn other_statuses_and_no_answer_have_failed() {
    let refused = load(200.0, 2.0).summary(include_str!("refused.json"), "token", &[201]).unwrap();
    assert!((refused.value("http_req_failed{name:token}", "rate").unwrap() - 1.0).abs() < 1e-9);
    assert_eq!(refused.value("http_reqs{name:token,status:429}", "count"), Some(400.0));
    let unreachable = load(50.0, 2.0).summary(include_str!("unreachable.json"), "token", &[201]).unwrap();
    assert_eq!(unreachable.value("onsale_unexpected", "count"), Some(100.0));
    // Never answered is not answered at once.
    assert_eq!(unreachable.value("http_req_duration{name:token}", "p(95)"), None);
}

#[test]
fn something_else_is_not_understood() {
    assert!(matches!(load(1.0, 1.0).summary("error: no", "token", &[201]), Err(ProgramError::Said { .. })));
}

#[test]
fn every_answer_is_read_and_what_is_none_is_refused() {
    let said = "request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status\n\
                0.0015,0.00003,0.0003,0.0071,0.0072,5,201\n0.0508,0,0,0.0016,0.0625,12,503\n";
    let all = answers(said).unwrap();
    assert_eq!(all.len(), 2);
    assert!(
        (all[1].at - 0.0508).abs() < 1e-9 && (all[1].took_ms - 62.5).abs() < 1e-9 && all[1].status == 503
    );
    assert!(answers("error: no such host").is_err());
    assert!(answers(&said.replace("201", "two hundred")).is_err());
}
