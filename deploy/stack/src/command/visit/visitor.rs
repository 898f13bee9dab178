use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use rand::RngExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    api::{Answer, Api, Away, Question},
    choice::{choose, free_seats},
    seen::{Seats, numbers},
    tally::{Call, Step, Tally},
};

/// How often somebody who came too late for a seat chooses another.
const CHOICES: usize = 8;

/// What a visitor came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Buy,
    WalkAway,
    BuyAndTakeBack,
}

impl Plan {
    /// Of ten, seven buy, two walk away with a hold, and one takes back what it bought.
    pub(super) const fn of(number: u32) -> Self {
        match number % 10 {
            3 | 7 => Self::WalkAway,
            5 => Self::BuyAndTakeBack,
            _ => Self::Buy,
        }
    }
}

/// One visitor.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) api: Api,
    pub(super) user: String,
    pub(super) concerts: Arc<Vec<u64>>,
    pub(super) seats: Arc<Seats>,
    pub(super) plan: Plan,
}

/// What a visitor holds.
struct Held {
    concert: u64,
    schedule: u64,
    hold: Value,
}

impl Visitor {
    /// Comes, and goes one way or another.
    pub(super) async fn visit(self, patience: Duration) {
        self.reached(Step::Came);
        match tokio::time::timeout(patience, self.walk()).await {
            Ok(Ok(())) => {}
            // Whoever is not seen for a lease is out: no fault of anybody's but the machine's.
            Ok(Err(error)) if error.is::<Out>() => self.reached(Step::LostTheSlot),
            Ok(Err(error)) if error.is::<Away>() => self.reached(Step::GaveUp),
            Ok(Err(error)) => {
                self.api.note(|tally| tally.unexpected(format!("{}: {error:#}", self.user)));
                self.reached(Step::GaveUp);
            }
            Err(_) => self.reached(Step::GaveUp),
        }
    }

    async fn walk(&self) -> anyhow::Result<()> {
        let token = self.join().await?;
        self.wait(&token).await?;
        let Some(held) = self.hold(&token).await? else {
            self.reached(Step::FoundNothing);
            return self.leave(&token).await;
        };
        self.reached(Step::Held);
        if self.plan == Plan::WalkAway {
            // Says nothing to anybody: the session and the hold run out.
            self.reached(Step::WentAway);
            return Ok(());
        }
        let sale = self.buy(&token, &held).await?;
        self.reached(Step::Bought);
        if self.plan == Plan::BuyAndTakeBack {
            self.take_back(&token, &held, &sale).await?;
            self.reached(Step::TookBack);
        }
        self.leave(&token).await
    }

    async fn join(&self) -> anyhow::Result<String> {
        let question = Question::send(Call::Join, Method::POST, "/api/queues/token", "");
        let question = Question { token: None, ..question }.body(json!({"userId": self.user}));
        let joined = expect(self.api.ask(question).await?, 201)?;
        Ok(joined.text("token").to_owned())
    }

    /// Waits as told, and looks whether what is told holds together.
    async fn wait(&self, token: &str) -> anyhow::Result<()> {
        let came_at = Instant::now();
        let (mut remaining, mut has_waited) = (u64::MAX, false);
        loop {
            let place =
                expect(self.api.ask(Question::get(Call::Status, "/api/queues/status", token)).await?, 200)?;
            if place.is_standing("ACTIVE") {
                break;
            }
            anyhow::ensure!(!place.is_standing("EXPIRED"), Out);
            anyhow::ensure!(place.is_standing("WAITING"), "stands {}", place.text("status"));
            if !std::mem::replace(&mut has_waited, true) {
                self.reached(Step::Waited);
            }
            let (before, now) = (remaining, place.number("remainingQueueCount"));
            remaining = now;
            self.require("I2", now <= before, || format!("remaining rose from {before} to {now}"));
            tokio::time::sleep(Duration::from_millis(place.number("pollAfterMs").max(100))).await;
        }
        self.api.note(|tally| tally.waits.push(came_at.elapsed()));
        self.reached(Step::Admitted);
        self.same_session(token).await
    }

    /// Repeating the poll that admitted is the same session.
    async fn same_session(&self, token: &str) -> anyhow::Result<()> {
        let mut sessions = Vec::new();
        for _ in 0..2 {
            let place = self.api.ask(Question::get(Call::Status, "/api/queues/status", token)).await?;
            let place = expect(place, 200)?;
            anyhow::ensure!(!place.is_standing("EXPIRED"), Out);
            sessions.push(place.text("sessionId").to_owned());
        }
        self.require("I4", sessions[0] == sessions[1], || {
            format!("session {} became {}", sessions[0], sessions[1])
        });
        Ok(())
    }

    /// Holds some seats of some schedule; `None` where there was nothing to be had.
    async fn hold(&self, token: &str) -> anyhow::Result<Option<Held>> {
        for choice in 0..CHOICES {
            let concert = self.concerts[rand::rng().random_range(0..self.concerts.len())];
            let Some(schedule) = self.schedule(token, concert).await? else { continue };
            let free = self.look(token, (concert, schedule), "").await?;
            let Some(wanted) = choose(&free, &mut rand::rng()) else { continue };
            think(500).await;
            let path = format!("/api/concerts/{concert}/schedules/{schedule}/holds");
            let question = Question::send(Call::Hold, Method::POST, path, token).body(wanted);
            let answer = self.api.ask(question.key(format!("{}-hold-{choice}", self.user))).await?;
            match (answer.status, answer.problem()) {
                (409, "seats-taken" | "not-enough-seats") => self.api.note(|tally| tally.too_late += 1),
                // Its schedules are of the past by now.
                (409 | 410, "sale-not-open" | "sale-over") => {}
                _ => return self.has(token, (concert, schedule), expect(answer, 201)?.body).await.map(Some),
            }
        }
        Ok(None)
    }

    async fn schedule(&self, token: &str, concert: u64) -> anyhow::Result<Option<u64>> {
        let path = format!("/api/concerts/{concert}/schedules");
        let page = expect(self.api.ask(Question::get(Call::Schedules, path, token)).await?, 200)?;
        let open: Vec<u64> = page.body["schedules"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter(|schedule| schedule["availableSeats"].as_u64() > Some(0))
            .filter_map(|schedule| schedule["scheduleId"].as_u64())
            .collect();
        Ok((!open.is_empty()).then(|| open[rand::rng().random_range(0..open.len())]))
    }

    /// The seats that are free.
    async fn look(&self, token: &str, of: (u64, u64), query: &str) -> anyhow::Result<Vec<u64>> {
        let path = format!("/api/concerts/{}/schedules/{}/seats?view=states{query}", of.0, of.1);
        let seen = expect(self.api.ask(Question::get(Call::Seats, path, token)).await?, 200)?;
        self.api.note(|tally| tally.ages_ms.push(seen.number("ageMs")));
        Ok(free_seats(seen.text("states")))
    }

    /// Looks whether what it holds is nobody else's, and shown so.
    async fn has(&self, token: &str, of: (u64, u64), hold: Value) -> anyhow::Result<Held> {
        let contradictions = self.seats.held(of.1, &hold);
        self.require("I5", contradictions.is_empty(), || contradictions.join("; "));
        let version = hold["version"].as_str().unwrap_or_default();
        let free = self.look(token, of, &format!("&atLeast={version}")).await?;
        let mine = numbers(&hold);
        let shown = free.into_iter().find(|seat| mine.contains(seat));
        self.require("I7", shown.is_none(), || {
            format!("seat {shown:?} is held, and shown free to who holds it")
        });
        Ok(Held { concert: of.0, schedule: of.1, hold })
    }

    /// Pays, and sends the confirmation twice, as a shop does that did not see the answer.
    async fn buy(&self, token: &str, held: &Held) -> anyhow::Result<Value> {
        let path = format!("/api/holds/{}", held.hold["holdId"].as_str().unwrap_or_default());
        let question = Question::send(Call::CheckOut, Method::POST, format!("{path}/checkout"), token);
        let paying = expect(self.api.ask(question).await?, 200)?;
        self.seats.kept_until(held.schedule, &held.hold, Some(paying.text("endsAt")));
        think(1_000).await;
        let mut sales = Vec::new();
        for _ in 0..2 {
            let question = Question::send(Call::Confirm, Method::POST, format!("{path}/confirmation"), token);
            let question = question.body(json!({"orderRef": format!("order-{}", self.user)}));
            sales.push(expect(self.api.ask(question).await?, 201)?.body);
        }
        self.seats.kept_until(held.schedule, &held.hold, None);
        let same = sales[0]["saleId"] == sales[1]["saleId"] && numbers(&sales[0]) == numbers(&held.hold);
        self.require("I5", same, || format!("one order became two sales: {} and {}", sales[0], sales[1]));
        sales.pop().context("a sale")
    }

    async fn take_back(&self, token: &str, held: &Held, sale: &Value) -> anyhow::Result<()> {
        let path = format!("/api/sales/{}", sale["saleId"].as_str().unwrap_or_default());
        expect(self.api.ask(Question::get(Call::Sale, &path, token)).await?, 200)?;
        self.seats.given_back(held.schedule, &held.hold);
        let cancelled = self.api.ask(Question::send(Call::Cancel, Method::DELETE, path, token)).await?;
        let cancelled = expect(cancelled, 200)?;
        anyhow::ensure!(
            cancelled.text("state") == "CANCELLED",
            "the sale of concert {} is not cancelled",
            held.concert
        );
        Ok(())
    }

    async fn leave(&self, token: &str) -> anyhow::Result<()> {
        expect(
            self.api.ask(Question::send(Call::Leave, Method::DELETE, "/api/queues/token", token)).await?,
            204,
        )?;
        Ok(())
    }

    fn reached(&self, step: Step) {
        self.api.note(|tally| tally.reached(step));
    }

    fn require(&self, invariant: &'static str, holds: bool, otherwise: impl FnOnce() -> String) {
        self.api.note(|tally: &mut Tally| tally.require(invariant, holds, otherwise));
    }
}

impl Answer {
    fn is_standing(&self, standing: &str) -> bool {
        self.text("status") == standing
    }
}

/// The session has ended.
#[derive(Debug, thiserror::Error)]
#[error("the session has ended")]
struct Out;

fn expect(answer: Answer, status: u16) -> anyhow::Result<Answer> {
    anyhow::ensure!(answer.problem() != "session-ended", Out);
    anyhow::ensure!(answer.is(status), "{status} was expected, {} came: {}", answer.status, answer.body);
    Ok(answer)
}

/// People take their time: half of this to all of it.
async fn think(most_ms: u64) {
    let time = rand::rng().random_range(most_ms / 2..=most_ms);
    tokio::time::sleep(Duration::from_millis(time)).await;
}
