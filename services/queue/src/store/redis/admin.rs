//! Creating rooms, changing policies, resetting.

use std::time::Duration;

use fred::prelude::{KeysInterface as _, SetsInterface as _, Value};
use onsale_token::{Mode, RoomId};

use super::{Keys, RoomEpoch, Script, Store, StoreError, keys};
use crate::domain::Policy;

/// A change of mode that remembers, or needs, the mode before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeChange {
    /// Serving stands, nobody is admitted.
    Pause,
    /// Back to the mode that was paused.
    Resume,
    /// No more numbers; those who wait are served.
    Drain,
}

impl ModeChange {
    const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Drain => "drain",
        }
    }
}

impl Store {
    /// Creates a room or replaces its policy. `expected` is the version that the change is made on.
    ///
    /// # Errors
    /// [`StoreError::Version`] when another version was expected.
    pub async fn put_room(
        &self,
        room: RoomId,
        policy: &Policy,
        expected: Option<u64>,
    ) -> Result<(), StoreError> {
        let expected = expected.map_or_else(String::new, |version| version.to_string());
        self.write_policy(room, policy, expected, None).await
    }

    /// Creates a room that does not exist.
    ///
    /// # Errors
    /// [`StoreError::Version`] when it does.
    pub async fn create_room(&self, room: RoomId, policy: &Policy) -> Result<(), StoreError> {
        self.write_policy(room, policy, "none".to_owned(), None).await
    }

    /// Makes a room again that Redis has forgotten, in the epoch that it was in. It is to be fenced next.
    ///
    /// # Errors
    /// [`StoreError::Version`] when another copy was first.
    pub async fn remake_room(&self, room: RoomEpoch, policy: &Policy) -> Result<(), StoreError> {
        self.write_policy(room.room, policy, "none".to_owned(), Some(room.epoch)).await
    }

    async fn write_policy(
        &self,
        room: RoomId,
        policy: &Policy,
        expected: String,
        epoch: Option<u64>,
    ) -> Result<(), StoreError> {
        self.add_room(room).await?;
        let run = self.run_of(room).await?;
        let scripts = self.scripts_for(room, &run);
        let keys = Keys(RoomEpoch { room, epoch: 0 }).of_room();
        let args = put_args(policy, expected, epoch);
        self.evaluate_loading(&scripts, Script::PutRoom, keys, args).await?;
        Ok(())
    }

    /// Pauses, resumes or drains.
    ///
    /// # Errors
    /// [`StoreError::Mode`] when the room's mode does not allow it.
    pub async fn set_mode(&self, room: RoomEpoch, change: ModeChange) -> Result<(), StoreError> {
        let args = vec![room.epoch.to_string().into(), change.name().into()];
        self.run(room.room, Script::SetMode, Keys(room).of_room(), args).await?;
        Ok(())
    }

    /// Starts a new epoch. The old one's keys are deleted by [`Store::delete_retired`].
    pub async fn reset(&self, room: RoomEpoch) -> Result<(), StoreError> {
        let mut keys = Keys(room).of_room();
        keys.push(Keys::retired(room.room));
        self.run(room.room, Script::Reset, keys, vec![room.epoch.to_string().into()]).await?;
        Ok(())
    }

    /// Deletes the keys of epochs that resets ended, in pieces; every copy may do it at once.
    pub async fn delete_retired(&self, room: RoomId) -> Result<(), StoreError> {
        let retired: Vec<u64> = self.connected()?.smembers(Keys::retired(room)).await?;
        for epoch in retired {
            for piece in Keys(RoomEpoch { room, epoch }).of_epoch() {
                self.connected()?.unlink::<(), _>(piece).await?;
            }
            // Last: a copy that dies before leaves the rest to another.
            self.connected()?.srem::<(), _, _>(Keys::retired(room), epoch.to_string()).await?;
        }
        Ok(())
    }

    async fn add_room(&self, room: RoomId) -> Result<(), StoreError> {
        let added: u64 = self.connected()?.sadd(keys::ROOM_IDS, room.to_string()).await?;
        if added > 0 {
            self.connected()?.incr::<(), _>(keys::VERSION).await?;
        }
        Ok(())
    }
}

fn put_args(policy: &Policy, expected: String, epoch: Option<u64>) -> Vec<Value> {
    let ms = |duration: Duration| duration.as_millis().to_string();
    let fields = [
        ("mode", Mode::name(policy.mode).to_owned()),
        ("opens_at", policy.opens_at_ms.unwrap_or(0).to_string()),
        ("rate", policy.rate_per_second.to_string()),
        ("burst", policy.burst.to_string()),
        ("capacity", policy.capacity.to_string()),
        ("claim_window", ms(policy.claim_window)),
        ("return_window", ms(policy.return_window)),
        ("lease", ms(policy.lease)),
        ("session_cap", ms(policy.session_cap)),
        ("max_waiting", policy.max_waiting.to_string()),
    ];
    let epoch = epoch.map_or_else(String::new, |epoch| epoch.to_string());
    let mut args = vec![expected.into(), epoch.into()];
    args.extend(fields.into_iter().flat_map(|(name, value)| [name.into(), value.into()]));
    args
}
