//! Reading what has to be true of a room, for whoever checks it.

use fred::prelude::{LuaInterface as _, Value};
use onsale_token::RoomId;

use super::{Keys, Reply, RoomEpoch, Store, StoreError};
use crate::domain::{RoomFacts, SessionFacts};

const ROOM: &str = include_str!("../../../scripts/check.lua");
const USERS: &str = include_str!("../../../scripts/check_users.lua");

impl Store {
    /// What Redis holds of a room; `None` when there is no such room. The room as it is at one instant, and its users
    /// from before that, since a number stays on record at least as long as its user is in.
    ///
    /// Reads every user's record in pieces: not for every day of a room with a million users.
    ///
    /// # Errors
    /// [`StoreError::Epoch`] when the room is reset meanwhile.
    pub async fn facts(&self, room: RoomId) -> Result<Option<RoomFacts>, StoreError> {
        let Some(reading) = self.read(room, 0, 0).await? else { return Ok(None) };
        let (epoch, seq_before) = (reading.snapshot.head.epoch, reading.snapshot.head.seq);
        let keys = Keys(RoomEpoch { room, epoch });
        let mut users = Vec::new();
        for buckets in keys.buckets() {
            users.extend(self.users(buckets).await?);
        }
        let reply: Value = self.connected()?.eval(ROOM, keys.of_room(), vec![epoch.to_string()]).await?;
        let facts = facts(&mut Reply::new("check", reply.into_array()))?;
        Ok(Some(RoomFacts { users, seq_before, ..facts }))
    }

    async fn users(&self, buckets: Vec<String>) -> Result<Vec<(String, u64)>, StoreError> {
        let reply: Value = self.connected()?.eval(USERS, buckets, Vec::<String>::new()).await?;
        let mut reply = Reply::new("check_users", reply.into_array());
        let mut users = Vec::new();
        while !reply.is_empty() {
            users.push((reply.text("user")?, reply.number("number")?));
        }
        Ok(users)
    }
}

fn facts(reply: &mut Reply) -> Result<RoomFacts, StoreError> {
    Ok(RoomFacts {
        now_ms: reply.number("now")?,
        seq: reply.number("seq")?,
        serving: reply.number("serving")?,
        floor: reply.number("floor")?,
        capacity: reply.number("capacity")?,
        claimed_above_serving: reply.number("claimed above serving")?,
        sessions: list(reply, "sessions", session)?,
        lost: list(reply, "lost ranges", pair)?,
        history: list(reply, "history", pair)?,
        users: Vec::new(),
        seq_before: 0,
    })
}

fn session(reply: &mut Reply) -> Result<SessionFacts, StoreError> {
    Ok(SessionFacts {
        number: reply.number("session")?,
        lease_end_ms: reply.number("lease end")?,
        user: reply.text("session user")?,
        id: reply.text("session id")?,
        claimed: reply.number("claimed")? == 1,
    })
}

fn pair(reply: &mut Reply) -> Result<(u64, u64), StoreError> {
    Ok((reply.number("first of a pair")?, reply.number("second of a pair")?))
}

fn list<T>(
    reply: &mut Reply,
    field: &'static str,
    mut item: impl FnMut(&mut Reply) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let length = reply.number(field)?;
    (0..length).map(|_| item(reply)).collect()
}
