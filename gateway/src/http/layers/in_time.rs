//! How many calls may wait for a service at once: as many as are answered in time.
//!
//! A request that is let in while a service is behind waits for all that were let in before it, so that letting everybody in
//! makes everybody late. Here each call has a limit of its own, which finds itself between its bounds: it falls while most answers come
//! late, and rises while they come in time: to where it began in any case, and beyond where it is made use of. Who is over it is told at
//! once to come back. While a service is away the calls that wait for it are few, and everything else goes on.
//!
//! What is late differs. A sale costs fifty times what a refusal costs, so that refusing early keeps the others quick. A join costs
//! four times a refusal, and whoever is refused comes again: there it is better to be late than to be asked twice.

mod limit;

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{extract::Request, response::Response, routing::Route};
use tower::{Layer, Service, ServiceExt as _, layer::layer_fn};

use super::{Answering, overload, unanswered::Unanswered};
use limit::Limit;

pub(crate) use limit::Bounds;

/// Limits each of the calls that it is put around. A call is a method of a path; what it may do is its own.
pub(crate) fn in_time(
    target: Duration,
    bounds: Bounds,
) -> impl Layer<Route, Service = InTime<Route>> + Clone + Send + Sync + 'static {
    layer_fn(move |inner| InTime { inner: Arc::new(inner), door: Door::new(target, bounds) })
}

/// Puts the door before the one call that it is put around.
pub(crate) fn behind(
    door: Door,
) -> impl Layer<Route, Service = InTime<Route>> + Clone + Send + Sync + 'static {
    layer_fn(move |inner| InTime { inner: Arc::new(inner), door: door.clone() })
}

/// A call that as many may wait for as are answered in time.
#[derive(Clone, Debug)]
pub(crate) struct InTime<S> {
    /// Shared: a call is copied for each request, and what is behind it only for who is let in.
    inner: Arc<S>,
    door: Door,
}

impl<S> Service<Request> for InTime<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Whoever is let in waits for what is behind.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answering {
        let Some(place) = self.door.enter() else {
            return Box::pin(std::future::ready(Ok(overload::refusal())));
        };
        let answering = S::clone(&self.inner).oneshot(request);
        Box::pin(async move {
            let response = answering.await?;
            if !Unanswered::is(&response) {
                place.answered();
            }
            Ok(response)
        })
    }
}

/// The door of a call, which knows who waits behind it. Clones are the same door.
#[derive(Clone, Debug)]
pub(crate) struct Door(Arc<Mutex<Inside>>);

#[derive(Debug)]
struct Inside {
    count: usize,
    limit: Limit,
}

impl Door {
    pub(super) fn new(target: Duration, bounds: Bounds) -> Self {
        Self(Arc::new(Mutex::new(Inside { count: 0, limit: Limit::new(target, bounds) })))
    }

    /// Whether whoever comes now is refused.
    pub(super) fn is_shut(&self) -> bool {
        self.lock().is_full()
    }

    /// A place among those who wait; `None` where there is none.
    fn enter(&self) -> Option<Place> {
        let mut inside = self.lock();
        if inside.is_full() {
            return None;
        }
        inside.count += 1;
        drop(inside);
        Some(Place { door: self.clone(), since: Instant::now(), is_answered: false })
    }

    /// A panic leaves nothing half done here.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    const fn is_full(&self) -> bool {
        self.count >= self.limit.now()
    }
}

/// A place among those who wait, until it is dropped.
struct Place {
    door: Door,
    since: Instant,
    /// Whoever went away before the answer, or was given one by a layer, says nothing about how long it would have taken.
    is_answered: bool,
}

impl Place {
    fn answered(mut self) {
        self.is_answered = true;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        let Inside { count, limit } = &mut *self.door.lock();
        *count -= 1;
        if self.is_answered {
            limit.answered(took, *count);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::Body,
        http::{StatusCode, header},
        routing::get,
    };
    use tokio::{sync::Notify, task::JoinHandle};
    use tower::ServiceExt as _;

    use super::*;

    /// Answers once it is told to; two may wait at once, for each method.
    fn bounded(until: &Arc<Notify>) -> Router {
        let until = Arc::clone(until);
        let waits = move || {
            let until = Arc::clone(&until);
            async move { until.notified().await }
        };
        Router::new()
            .route("/", get(waits).post(async || ()))
            .route_layer(in_time(Duration::from_mins(1), Bounds::of_sales(2)))
            // Until it has its state, a route is made anew for each request, and its layers with it.
            .with_state(())
    }

    async fn ask(router: &Router, method: &str) -> Response {
        let request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    /// Somebody who has a place, and waits.
    async fn waiting(router: &Router) -> JoinHandle<StatusCode> {
        let router = router.clone();
        let asking = tokio::spawn(async move { ask(&router, "GET").await.status() });
        tokio::task::yield_now().await;
        asking
    }

    #[tokio::test]
    async fn who_finds_no_place_is_told_when_to_come_back_and_the_next_one_finds_one() {
        let until = Arc::new(Notify::new());
        let router = bounded(&until);
        let (first, second) = (waiting(&router).await, waiting(&router).await);

        let refused = ask(&router, "GET").await;
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
        assert_eq!(ask(&router, "POST").await.status(), 200, "another call has places of its own");

        until.notify_one();
        assert_eq!(first.await.unwrap(), 200);
        let third = waiting(&router).await;
        until.notify_waiters();
        assert_eq!((second.await.unwrap(), third.await.unwrap()), (StatusCode::OK, StatusCode::OK));
    }

    #[tokio::test]
    async fn who_goes_away_leaves_its_place_and_says_nothing_about_time() {
        let door = Door::new(Duration::ZERO, Bounds::of_sales(20));
        let places: Vec<_> = (0..20).map(|_| door.enter().unwrap()).collect();
        assert!(door.enter().is_none() && door.is_shut());
        drop(places);
        assert!(!door.is_shut());
        assert_eq!(door.lock().count, 0);
        assert_eq!(door.lock().limit.now(), 20);

        for _ in 0..20 {
            door.enter().unwrap().answered();
        }
        assert_eq!(door.lock().limit.now(), 16, "all of these were late");
    }

    #[tokio::test]
    async fn what_a_layer_answers_says_nothing_about_the_service() {
        for (by_layer, limit) in [(true, 20), (false, 16)] {
            let answer = move |_: Request| async move {
                let response = Response::default();
                Ok::<_, Infallible>(if by_layer { Unanswered::mark(response) } else { response })
            };
            let door = Door::new(Duration::ZERO, Bounds::of_sales(20));
            let mut call = InTime { inner: Arc::new(tower::service_fn(answer)), door: door.clone() };
            for _ in 0..20 {
                call.call(Request::default()).await.unwrap();
            }
            let inside = door.lock();
            assert_eq!((inside.count, inside.limit.now()), (0, limit));
        }
    }
}
