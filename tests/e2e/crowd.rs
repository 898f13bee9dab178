//! Visitors who go on and on, and do not put up with anything.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    answer::Answer,
    api::{Api, token},
    wait::until,
};

/// Visitors who are in, and each ask for everything, one thing after the other.
pub(crate) struct Crowd {
    visitors: JoinSet<Vec<Complaint>>,
    answered: Arc<AtomicUsize>,
    goes_home: Arc<AtomicBool>,
}

/// An answer that no visitor should have had.
#[derive(Debug)]
#[expect(dead_code, reason = "shown where a test fails")]
pub(crate) struct Complaint {
    what: &'static str,
    outcome: Result<(u16, String), String>,
    took: Duration,
}

impl Crowd {
    /// So many visitors of each gateway, who bear no answer but a good one, and none that takes longer than that.
    pub(crate) fn come(visitors: usize, gateways: &[Api], patience: Duration) -> Self {
        let (answered, goes_home) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let mut crowd = Self { visitors: JoinSet::new(), answered, goes_home };
        for visitor in 0..visitors * gateways.len() {
            let api = gateways[visitor % gateways.len()].clone();
            let (answered, goes_home) = (Arc::clone(&crowd.answered), Arc::clone(&crowd.goes_home));
            crowd.visitors.spawn(async move {
                let token = api.token(&format!("visitor {visitor}")).await;
                api.until_active(&token).await;
                let mut complaints = Vec::new();
                while !goes_home.load(Ordering::Relaxed) {
                    complaints.extend(visit(&api, visitor, patience, &answered).await);
                }
                complaints
            });
        }
        crowd
    }

    /// Waits until they have had so many more answers.
    pub(crate) async fn until_answered(&self, more: usize) {
        let goal = self.answered.load(Ordering::Relaxed) + more;
        until("the visitors to be answered", || async { self.answered.load(Ordering::Relaxed) >= goal })
            .await;
    }

    /// Ends the visits. What they complain of.
    pub(crate) async fn go_home(self) -> Vec<Complaint> {
        self.goes_home.store(true, Ordering::Relaxed);
        self.visitors.join_all().await.into_iter().flatten().collect()
    }
}

async fn visit(api: &Api, visitor: usize, patience: Duration, answered: &AtomicUsize) -> Vec<Complaint> {
    let user = json!({ "userId": format!("visitor {visitor}") });
    let join = api.request(Method::POST, "/api/queues/token").json(&user);
    let joined = match ask("join", join, patience, answered).await {
        Ok(answer) => token(&answer.json()),
        Err(complaint) => return vec![complaint],
    };
    let mut complaints = Vec::new();
    for (what, path) in [
        ("status", "/api/queues/status"),
        ("concert", "/api/concerts/1"),
        ("schedules", "/api/concerts/1/schedules?limit=3"),
        ("seats", "/api/concerts/1/schedules/1/seats"),
    ] {
        complaints.extend(ask(what, api.with(Method::GET, path, &joined), patience, answered).await.err());
    }
    complaints
}

async fn ask(
    what: &'static str,
    request: RequestBuilder,
    patience: Duration,
    answered: &AtomicUsize,
) -> Result<Answer, Complaint> {
    match Answer::try_to(request).await {
        Ok(answer) if matches!(answer.status, 200 | 201) && answer.took < patience => {
            answered.fetch_add(1, Ordering::Relaxed);
            Ok(answer)
        }
        Ok(Answer { status, text, took, .. }) => Err(Complaint { what, outcome: Ok((status, text)), took }),
        Err(error) => Err(Complaint { what, outcome: Err(format!("{error:?}")), took: Duration::default() }),
    }
}
