use std::{
    future::ready,
    sync::atomic::{AtomicUsize, Ordering},
};

use onsale_telemetry::Instruments;
use tonic::transport::Endpoint;

use super::*;

/// Copies that nobody connects to, since the calls of these tests do not.
fn copies(count: usize) -> Copies {
    let metrics = Metrics::new(&Instruments::unread());
    let copy =
        |_| ServiceCopy::new(String::new(), Endpoint::from_static("http://127.0.0.1:1").connect_lazy());
    Copies::new(Service::Catalog, (0..count).map(copy).collect(), metrics)
}

/// How many attempts so many calls are that all copies answer with the status.
async fn attempts(copies: &Copies, repeat: Repeat, calls: usize, status: Status) -> usize {
    let attempts = AtomicUsize::new(0);
    let terms = Terms { deadline: Duration::from_secs(2), repeat };
    for _ in 0..calls {
        let send = |_: TracedChannel, _: Request<()>| {
            attempts.fetch_add(1, Ordering::Relaxed);
            ready(Err::<Response<()>, _>(status.clone()))
        };
        assert!(copies.call(terms, (), send).await.is_err());
    }
    attempts.into_inner()
}

#[tokio::test(start_paused = true)]
async fn retries_have_a_budget_of_a_fifth_and_some_a_second() {
    let copies = copies(2);
    let away = || Status::unavailable("postgres is away");
    assert_eq!(attempts(&copies, Repeat::Once, 100, away()).await, 200, "a few may all be tried again");
    let many = attempts(&copies, Repeat::Once, 10_000, away()).await;
    assert!((11_500..=12_100).contains(&many), "{many}");
    tokio::time::advance(RETRY_WINDOW * 2).await;
    assert_eq!(attempts(&copies, Repeat::Once, 50, away()).await, 100, "later there is some again");
}

#[tokio::test]
async fn what_is_repeated_depends_on_the_terms_and_on_the_answer() {
    let copies = copies(3);
    let away = || Status::unavailable("away");
    assert_eq!(attempts(&copies, Repeat::Never, 1, away()).await, 1);
    assert_eq!(attempts(&copies, Repeat::Unsent, 1, away()).await, 1, "it may have been done");
    assert_eq!(attempts(&copies, Repeat::Once, 1, away()).await, 2);
    assert_eq!(attempts(&copies, Repeat::EveryCopy, 1, away()).await, 3);
    for late in [Status::deadline_exceeded("its time is over"), Status::cancelled("Timeout expired")] {
        let made = attempts(&copies, Repeat::Once, 1, late).await;
        assert_eq!(made, 2, "another copy may do it in the time that is left");
    }
    for status in [Status::invalid_argument("no"), Status::not_found("no")] {
        assert_eq!(attempts(&copies, Repeat::EveryCopy, 1, status).await, 1);
    }
}

#[tokio::test]
async fn a_call_whose_time_is_over_is_not_made_again() {
    let (made, terms) =
        (AtomicUsize::new(0), Terms { deadline: Duration::from_millis(50), repeat: Repeat::Once });
    let send = |_: TracedChannel, _: Request<()>| {
        made.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<Result<Response<()>, Status>>()
    };
    assert!(copies(1).call(terms, (), send).await.is_err());
    assert_eq!(made.into_inner(), 1);
}

#[tokio::test]
async fn an_attempt_leaves_time_for_the_next_where_there_is_another_copy() {
    let ends = || Instant::now() + Duration::from_secs(2);
    let bound = |count: usize, left: usize| copies(count).bound(ends(), left).as_secs_f64();
    for (count, left, expected) in [(2, 1, 1.0), (2, 0, 2.0), (1, 1, 2.0), (4, 3, 0.5)] {
        let seconds = bound(count, left);
        assert!((expected - 0.3..=expected).contains(&seconds), "{count} copies, {left} left: {seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_answers_ends_and_puts_the_copies_aside() {
    let copies = copies(2);
    let terms = Terms { deadline: Duration::from_secs(2), repeat: Repeat::Once };
    let send = |_: TracedChannel, _: Request<()>| std::future::pending::<Result<Response<()>, Status>>();
    let outcome = copies.call(terms, (), send).await;
    assert_eq!(outcome.unwrap_err(), Failure::away(Service::Catalog));
    assert!(copies.all().iter().all(|copy| copy.condition().is_aside(copies.now_ms())));
}

#[tokio::test]
async fn what_did_not_arrive_is_sent_again_whatever_it_is() {
    let refused = || tonic::ConnectError(Box::new(std::io::Error::other("connection refused")));
    let attempts = AtomicUsize::new(0);
    let terms = Terms { deadline: Duration::from_secs(2), repeat: Repeat::Unsent };
    let send = |_: TracedChannel, _: Request<()>| {
        attempts.fetch_add(1, Ordering::Relaxed);
        ready(Err::<Response<()>, _>(Status::from_error(Box::new(refused()))))
    };
    assert!(copies(2).call(terms, (), send).await.is_err());
    assert_eq!(attempts.into_inner(), 2);
}
