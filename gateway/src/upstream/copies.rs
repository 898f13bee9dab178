use std::time::{Duration, Instant};

use onsale_telemetry::grpc::{TracedChannel, traced};
use tonic::{Request, Response, Status, transport::Channel};
use tower::retry::budget::{Budget as _, TpsBudget};

use crate::{
    failure::{Failure, Service},
    metrics::Metrics,
    upstream::{
        balance::{Condition, Tried, pick},
        fault::Fault,
    },
};

/// Retries are a fifth of the calls at most, so that an outage is not made worse by those who suffer it …
const RETRY_SHARE: f32 = 0.2;
/// … and this many a second where there are few calls.
const RETRIES_PER_SECOND: u32 = 10;
const RETRY_WINDOW: Duration = Duration::from_secs(10);
/// With less than this part of its time left, a call is not made again: it would be cut off, and nobody would know what was wrong.
const WORTH_WHILE: u32 = 10;

/// The copies of one service, and how each does.
pub(crate) struct Copies {
    service: Service,
    all: Vec<ServiceCopy>,
    budget: TpsBudget,
    started: Instant,
    metrics: Metrics,
}

/// One copy of a service.
pub(crate) struct ServiceCopy {
    url: String,
    channel: Channel,
    condition: Condition,
}

/// Whether a call may be sent a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Sending it twice is not what sending it once is.
    Never,
    /// The same, but only where the first attempt surely did not arrive.
    Unsent,
    /// Once, on another copy where there is one, within the budget.
    Once,
    /// On every copy, whatever it costs: for the few calls that the gateway makes for itself.
    EveryCopy,
}

/// How a call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// How long it may take, retry included.
    pub(crate) deadline: Duration,
    /// Whether it may be sent again.
    pub(crate) repeat: Repeat,
}

impl Repeat {
    fn allows(self, fault: &Fault) -> bool {
        match self {
            Self::Never => false,
            Self::Unsent => fault.is_unsent(),
            Self::Once | Self::EveryCopy => fault.is_worth_repeating(),
        }
    }

    /// For how many of the attempts that are left an attempt has to leave time: a copy that takes its time has
    /// something to do it with, and is not followed by another where only the unsent is sent again.
    const fn leaves_time_for(self, attempts_left: usize) -> usize {
        match self {
            Self::Never | Self::Unsent => 0,
            Self::Once | Self::EveryCopy => attempts_left,
        }
    }
}

impl ServiceCopy {
    pub(crate) fn new(url: String, channel: Channel) -> Self {
        Self { url, channel, condition: Condition::default() }
    }

    /// The copy's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The copy's connection. Calls that belong to a request go by [`Copies::call`], which traces them.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// How the copy does.
    pub(crate) const fn condition(&self) -> &Condition {
        &self.condition
    }
}

impl Copies {
    pub(crate) fn new(service: Service, all: Vec<ServiceCopy>, metrics: Metrics) -> Self {
        let budget = TpsBudget::new(RETRY_WINDOW, RETRIES_PER_SECOND, RETRY_SHARE);
        Self { service, all, budget, started: Instant::now(), metrics }
    }

    /// The copies, in the order they were named.
    pub(crate) fn all(&self) -> &[ServiceCopy] {
        &self.all
    }

    /// Which service they are of.
    pub(crate) const fn service(&self) -> Service {
        self.service
    }

    /// How many are called like any other, and how many are not.
    pub(crate) fn up_and_down(&self) -> (usize, usize) {
        let now_ms = self.now_ms();
        let up = self.all.iter().filter(|copy| copy.condition.is_up(now_ms)).count();
        (up, self.all.len() - up)
    }

    /// Asks a copy, and another one where the terms and the budget allow it.
    pub(crate) async fn call<Q, A, F, R>(&self, terms: Terms, question: Q, send: F) -> Result<A, Failure>
    where
        Q: Clone,
        F: Fn(TracedChannel, Request<Q>) -> R,
        R: Future<Output = Result<Response<A>, Status>>,
    {
        self.budget.deposit();
        let ends = Instant::now() + terms.deadline;
        let mut tried = Tried::default();
        let mut attempts_left = self.attempts(terms.repeat);
        loop {
            attempts_left -= 1;
            let copy = self.pick(&mut tried);
            let bound = self.bound(ends, terms.repeat.leaves_time_for(attempts_left));
            let attempt = self.attempt(copy, bound, question.clone(), &send);
            let fault = match attempt.await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let left = ends.saturating_duration_since(Instant::now());
            let is_over = attempts_left == 0 || left < terms.deadline / WORTH_WHILE;
            if is_over || !terms.repeat.allows(&fault) || !self.may_retry(terms.repeat) {
                return Err(fault.into_failure(self.service));
            }
            self.metrics.call_retried(self.service);
        }
    }

    const fn attempts(&self, repeat: Repeat) -> usize {
        match repeat {
            Repeat::Never => 1,
            Repeat::Unsent | Repeat::Once => 2,
            Repeat::EveryCopy => self.all.len(),
        }
    }

    fn may_retry(&self, repeat: Repeat) -> bool {
        repeat == Repeat::EveryCopy || self.budget.withdraw()
    }

    /// Leaves time for the attempts that may follow, if there is another copy to make them on.
    fn bound(&self, ends: Instant, attempts_left: usize) -> Duration {
        let left = ends.saturating_duration_since(Instant::now());
        if self.all.len() == 1 {
            return left;
        }
        left / u32::try_from(attempts_left + 1).unwrap_or(u32::MAX)
    }

    fn pick(&self, tried: &mut Tried) -> &ServiceCopy {
        let conditions = self.all.iter().map(ServiceCopy::condition);
        let index = pick(conditions, *tried, self.now_ms(), |below| rand::random_range(0..below));
        tried.add(index);
        &self.all[index]
    }

    async fn attempt<Q, A, F, R>(
        &self,
        copy: &ServiceCopy,
        bound: Duration,
        question: Q,
        send: &F,
    ) -> Result<A, Fault>
    where
        F: Fn(TracedChannel, Request<Q>) -> R,
        R: Future<Output = Result<Response<A>, Status>>,
    {
        let mut request = Request::new(question);
        // Travels as grpc-timeout: the service stops working on what nobody waits for.
        request.set_timeout(bound);
        let _in_flight = copy.condition.begin();
        // The transport's own timeout does not cover connecting.
        let outcome =
            tokio::time::timeout(bound, send(traced(copy.channel(), self.metrics.calls()), request)).await;
        let fault = match outcome {
            Ok(Ok(response)) => {
                copy.condition.answered();
                return Ok(response.into_inner());
            }
            Ok(Err(status)) => Fault::of(status),
            Err(_) => Fault::Copy("no answer in time".to_owned()),
        };
        self.note(copy, &fault);
        Err(fault)
    }

    fn note(&self, copy: &ServiceCopy, fault: &Fault) {
        if let Fault::Unreached(reason) | Fault::Copy(reason) = fault {
            copy.condition.failed(self.now_ms());
            self.metrics.attempt_failed(self.service);
            tracing::debug!(service = self.service.name(), copy = copy.url, reason, "a copy does not answer");
        } else {
            copy.condition.answered();
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
