use super::*;

fn load() -> WrkLoad {
    let headers = vec![("Authorization".to_owned(), "Bearer t".to_owned())];
    let request = Request { url: "http://127.0.0.1:8080/api".to_owned(), method: "POST".to_owned(), headers };
    WrkLoad { request, prefix: "w-7-".to_owned(), concert: Some(42), connections: 32, seconds: 10 }
}

#[test]
fn it_is_told_one_thread_and_what_the_script_needs() {
    let words = load().arguments(Path::new("wrk.lua")).join(" ");
    let told = "-t1 -c32 -d10s --latency -s wrk.lua http://127.0.0.1:8080/api -- POST w-7- 42 Authorization Bearer t";
    assert_eq!(words, told);
    let site = WrkLoad { concert: None, ..load() };
    assert!(site.arguments(Path::new("wrk.lua")).join(" ").contains("POST w-7- - "));
}

#[test]
fn what_it_measured_is_read_from_its_last_line() {
    let closed = Closed::read(include_str!("answered.txt")).unwrap();
    assert_eq!((closed.requests, closed.refused, closed.unanswered), (177_681, 0, 0));
    assert!((closed.rate - 59_120.15).abs() < 0.01, "{closed:?}");
    assert!((closed.p95_ms - 0.983).abs() < 1e-9 && (closed.max_ms - 8.632).abs() < 1e-9);
}

#[test]
fn refusals_are_no_answers_a_second() {
    let closed = Closed::read(include_str!("refused.txt")).unwrap();
    assert_eq!((closed.requests, closed.refused), (57_772, 57_772));
    assert!(closed.rate.abs() < 1e-9);
}

#[test]
fn who_is_not_connected_has_measured_nothing() {
    let refused = Closed::read("unable to connect to 127.0.0.1:1 Connection refused");
    assert!(matches!(refused, Err(ProgramError::Said { program: "wrk", .. })));
}
