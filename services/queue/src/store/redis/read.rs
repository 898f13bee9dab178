//! Reading a room as it is at one instant.

use std::time::Duration;

use fred::prelude::Value;
use onsale_token::{Mode, RoomId};

use super::{Keys, Reply, RoomEpoch, Store, StoreError};
use crate::domain::{Cohort, Departures, Head, Policy, Shows, Snapshot};

/// A session that was ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Counts revocations in a room.
    pub revocation: u64,
    /// The number whose session it was.
    pub number: u64,
}

/// A room, and the run of the server that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The run of the server.
    pub run: String,
    /// The run that the room was last known to be whole under.
    pub whole_under: String,
    /// The room.
    pub snapshot: Snapshot,
    /// Revocations after the one asked for, oldest first; at most 10,000 are kept.
    pub revocations: Vec<Revocation>,
    /// The last revocation there is.
    pub last_revocation: u64,
}

impl Reading {
    /// Whether the server may have lost something of the room since.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.run == self.whole_under
    }
}

const SCRIPT: &str = "read";

impl Store {
    /// Reads a room, and its revocations after `revocation`; `None` when there is no such room.
    ///
    /// `epoch` is a guess, for the names of the keys; a wrong one costs a second round trip.
    pub async fn read(
        &self,
        room: RoomId,
        epoch: u64,
        revocation: u64,
    ) -> Result<Option<Reading>, StoreError> {
        let mut guess = epoch;
        // The epoch changes by a reset only: a second change in between is no longer a guess gone wrong.
        for _ in 0..3 {
            let mut reply = self.read_reply(RoomEpoch { room, epoch: guess }, revocation).await?;
            let run = reply.text("run")?;
            let now_ms = reply.number("now")?;
            if reply.is_empty() {
                return Ok(None);
            }
            let (whole_under, head, last_revocation) = head(&mut reply)?;
            if head.epoch == guess {
                let (snapshot, revocations) = line(&mut reply, now_ms, head)?;
                return Ok(Some(Reading { run, whole_under, snapshot, revocations, last_revocation }));
            }
            guess = head.epoch;
        }
        Err(StoreError::Epoch)
    }

    /// The run of the server that holds the room, whether there is such a room or not.
    pub(super) async fn run_of(&self, room: RoomId) -> Result<String, StoreError> {
        self.read_reply(RoomEpoch { room, epoch: 0 }, 0).await?.text("run")
    }

    async fn read_reply(&self, room: RoomEpoch, revocation: u64) -> Result<Reply, StoreError> {
        let keys = Keys(room).of_room();
        let args: Vec<Value> = [room.epoch, revocation].map(|value| value.to_string().into()).into();
        let values = match self.evaluate_sha(&self.read.sha, keys.clone(), args.clone(), SCRIPT).await {
            Err(StoreError::NoScript) => {
                self.load(&self.read.source).await?;
                self.evaluate_sha(&self.read.sha, keys, args, SCRIPT).await?
            }
            values => values?,
        };
        Ok(Reply::new(SCRIPT, values))
    }
}

/// The head's fields, in the script's order; and the run it was whole under, and its last revocation.
fn head(reply: &mut Reply) -> Result<(String, Head, u64), StoreError> {
    let epoch = reply.number("epoch")?;
    let whole_under = reply.text("run")?;
    let policy = policy(reply)?;
    let head = Head {
        epoch,
        policy,
        policy_version: reply.number("policy version")?,
        seq: reply.number("seq")?,
        serving: reply.number("serving")?,
        floor: reply.number("floor")?,
        gone: reply.number("gone")?,
        left_waiting: reply.number("left waiting")?,
        credit: reply.float("credit")?,
        tick: reply.number("tick")?,
        tick_ms: reply.number("tick time")?,
        clock_ms: reply.number("clock")?,
        ended: reply.number("ended")?,
        arrivals: reply.number("arrivals")?,
        arrival_delay_ms: reply.number("arrival delay")?,
        shows: Shows {
            called: reply.float_or_zero("shows called")?,
            came: reply.float_or_zero("shows came")?,
            arrivals: reply.float_or_zero("shows arrivals")?,
            delay_ms: reply.float_or_zero("shows delay")?,
        },
        departures: Departures {
            ended: reply.float_or_zero("departures ended")?,
            lasted_ms: reply.float_or_zero("departures lasted")?,
        },
    };
    Ok((whole_under, head, reply.number("revocation")?))
}

fn policy(reply: &mut Reply) -> Result<Policy, StoreError> {
    let mode = reply.text("mode")?;
    Ok(Policy {
        mode: Mode::from_name(&mode).ok_or_else(|| reply.corrupt("mode"))?,
        opens_at_ms: Some(reply.signed("opens at")?).filter(|at| *at > 0),
        rate_per_second: reply.float("rate")?,
        burst: count(reply, "burst")?,
        capacity: count(reply, "capacity")?,
        claim_window: millis(reply, "claim window")?,
        return_window: millis(reply, "return window")?,
        lease: millis(reply, "lease")?,
        session_cap: millis(reply, "session cap")?,
        max_waiting: reply.number("max waiting")?,
    })
}

fn line(reply: &mut Reply, now_ms: u64, head: Head) -> Result<(Snapshot, Vec<Revocation>), StoreError> {
    let active = reply.number("active")?;
    let ready = reply.number("ready")?;
    let cohorts = list(reply, "cohorts", |reply| {
        Ok(Cohort {
            serving: reply.number("cohort serving")?,
            called_at_ms: reply.number("cohort clock")?,
            claimed: reply.number("cohort claimed")?,
            left: reply.number("cohort left")?,
            ready: reply.number("cohort ready")?,
        })
    })?;
    let revocations = list(reply, "revocations", |reply| {
        Ok(Revocation { revocation: reply.number("revocation")?, number: reply.number("revoked number")? })
    })?;
    Ok((Snapshot { now_ms, head, active, ready, cohorts }, revocations))
}

fn list<T>(
    reply: &mut Reply,
    field: &'static str,
    mut item: impl FnMut(&mut Reply) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let length = reply.number(field)?;
    (0..length).map(|_| item(reply)).collect()
}

fn count(reply: &mut Reply, field: &'static str) -> Result<u32, StoreError> {
    u32::try_from(reply.number(field)?).map_err(|_| reply.corrupt(field))
}

fn millis(reply: &mut Reply, field: &'static str) -> Result<Duration, StoreError> {
    reply.number(field).map(Duration::from_millis)
}
