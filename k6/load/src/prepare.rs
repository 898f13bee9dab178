//! Gets an Onsale ready for a run: asks whether it is well, and gives it a room and seats of the run's own.
//!
//! Each run has a concert of its own with all seats free, and a room that begins anew, so that no run begins where
//! another has ended. What a run leaves behind stays: load tests are for an Onsale that can be thrown away.

mod data;
pub mod requests;
mod room;

use std::{collections::BTreeMap, time::Duration};

use onsale_stack::{StackError, Target, operator::Desk};
use reqwest::Client;

pub use data::Data;
pub use room::Guard;

use crate::{results::Room, scenario::Scenario};

/// How long each question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// It is not well, by its own account.
    #[error("{program} is not ready: {answer}")]
    NotReady {
        /// Which program.
        program: String,
        /// What it says.
        answer: String,
    },
    /// A gateway does not answer, or not as it should.
    #[error("{url}")]
    Gateway {
        /// What was asked.
        url: String,
        /// What went wrong.
        source: reqwest::Error,
    },
    /// What was imported is not shown.
    #[error("the run's concert {0} is imported, and gateways do not show it")]
    NotShown(String),
    /// Nobody knows what to ask.
    #[error("there is no one request of {0} that could be made again and again")]
    NoRequest(String),
    /// Who is to ask is not let in.
    #[error("{0} is not let in")]
    NotLetIn(String),
    /// The file of the run's data cannot be written.
    #[error("the run's data cannot be written")]
    File(#[source] std::io::Error),
    /// A program or an operator's request went wrong.
    #[error(transparent)]
    Stack(#[from] StackError),
}

/// An Onsale that is ready for one run.
pub struct Prepared {
    /// The room, and what it was before.
    pub guard: Option<Guard>,
    /// The run's concert.
    pub data: Option<Data>,
}

impl Prepared {
    /// Gets everything ready that a scenario needs.
    ///
    /// # Errors
    /// The Onsale is not ready, or cannot be made so.
    pub async fn make(scenario: &Scenario, target: &Target, test_id: &str) -> Result<Self, PrepareError> {
        let client = client();
        until_ready(&client, target).await?;
        let desk = Desk::at(target)?;
        let data = match scenario.seats.as_slice() {
            [] => None,
            seats => Some(Data::import((&client, &desk), target, test_id, seats).await?),
        };
        let guard = match &scenario.room {
            Some(room) => {
                Some(Guard::put_in_force(desk, room, data.as_ref().map(|data| data.concert)).await?)
            }
            None => None,
        };
        Ok(Self { guard, data })
    }

    /// What the script is told of it.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        if let Some(data) = &self.data {
            settings.insert("CONCERT_ID".to_owned(), data.concert.to_string());
            settings.insert("SCHEDULES".to_owned(), data.schedules_json());
        }
        if let Some(guard) = &self.guard {
            settings.insert("ROOM_ID".to_owned(), guard.room.to_string());
        }
        settings
    }
}

/// A client of the gateways that asks them and nobody between.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap_or_default()
}

/// Every program that is known of says that it is ready, and every gateway answers.
async fn until_ready(client: &Client, target: &Target) -> Result<(), PrepareError> {
    for (program, ops) in &target.ops {
        let answer = get(client, &format!("{ops}/readyz")).await?;
        if !answer.status().is_success() {
            let answer = answer.text().await.unwrap_or_default();
            return Err(PrepareError::NotReady { program: program.clone(), answer });
        }
    }
    for gateway in &target.gateways {
        let answer = get(client, &format!("{gateway}/api/concerts?limit=1")).await?;
        if !answer.status().is_success() {
            return Err(PrepareError::NotReady {
                program: gateway.clone(),
                answer: answer.status().to_string(),
            });
        }
    }
    Ok(())
}

async fn get(client: &Client, url: &str) -> Result<reqwest::Response, PrepareError> {
    client.get(url).send().await.map_err(|source| PrepareError::Gateway { url: url.to_owned(), source })
}

impl From<&onsale_stack::operator::Room> for Room {
    fn from(room: &onsale_stack::operator::Room) -> Self {
        Self { last_number: room.last_number, serving: room.serving, active: room.active, ready: room.ready }
    }
}
