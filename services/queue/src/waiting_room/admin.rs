//! Running a room.

use std::sync::Arc;

use onsale_token::RoomId;

use super::{RoomError, WaitingRooms, room::Room};
use crate::{
    domain::{Head, Policy},
    store::redis::{ModeChange, RoomEpoch, StoreError},
};

/// A room as an operator sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomReport {
    /// The room.
    pub room: RoomId,
    /// Its policy and counters.
    pub head: Head,
    /// Sessions.
    pub active: u64,
    /// Called and present without a slot.
    pub ready: u64,
    /// The concerts that it guards by name.
    pub concerts: Vec<u64>,
}

impl WaitingRooms {
    /// Every room there is.
    ///
    /// # Errors
    /// [`RoomError::Store`].
    pub async fn list_rooms(&self) -> Result<Vec<RoomReport>, RoomError> {
        let mut reports = Vec::new();
        for room in self.store.house().await?.rooms {
            match self.report(room).await {
                Ok(report) => reports.push(report),
                // Named before it was made: there is nothing of it yet.
                Err(RoomError::NoRoom) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(reports)
    }

    /// One room, as Redis has it now.
    ///
    /// # Errors
    /// [`RoomError::NoRoom`], [`RoomError::Store`].
    pub async fn report(&self, room: RoomId) -> Result<RoomReport, RoomError> {
        let epoch = self.room(room).and_then(|room| room.state()).map_or(0, |state| state.view.epoch);
        let reading = self.store.read(room, epoch, 0).await?.ok_or(RoomError::NoRoom)?;
        let house = self.store.house().await?;
        let mut concerts: Vec<_> = house
            .room_by_concert
            .into_iter()
            .filter(|(_, of)| *of == room)
            .map(|(concert, _)| concert)
            .collect();
        concerts.sort_unstable();
        let snapshot = reading.snapshot;
        Ok(RoomReport { room, head: snapshot.head, active: snapshot.active, ready: snapshot.ready, concerts })
    }

    /// Creates a room or replaces its policy; the line stays as it is.
    ///
    /// # Errors
    /// [`RoomError::Policy`]; [`StoreError::Version`] when another version was expected.
    pub async fn put_room(
        &self,
        room: RoomId,
        policy: &Policy,
        expected: Option<u64>,
    ) -> Result<RoomReport, RoomError> {
        policy.check()?;
        self.store.put_room(room, policy, expected).await?;
        self.look_again(room).await
    }

    /// Puts a concert behind a room, or with `None` back behind the site room.
    ///
    /// # Errors
    /// [`RoomError::NoRoom`] when there is no such room.
    pub async fn set_concert_room(&self, concert: u64, room: Option<RoomId>) -> Result<(), RoomError> {
        if let Some(room) = room {
            self.report(room).await?;
        }
        self.store.set_concert_room(concert, room).await?;
        Ok(self.learn_house().await?)
    }

    /// Pauses, resumes or drains.
    ///
    /// # Errors
    /// [`StoreError::Mode`] when the room's mode does not allow it.
    pub async fn set_mode(&self, room: RoomId, change: ModeChange) -> Result<RoomReport, RoomError> {
        let epoch = self.known(room).await?.state()?.room_epoch();
        self.store.set_mode(epoch, change).await?;
        self.look_again(room).await
    }

    /// Starts a new epoch: every token, place and session of the old one ends.
    ///
    /// # Errors
    /// [`StoreError::Epoch`] when somebody else just did.
    pub async fn reset(&self, room: RoomId) -> Result<RoomReport, RoomError> {
        let RoomEpoch { epoch, .. } = self.known(room).await?.state()?.room_epoch();
        self.store.reset(RoomEpoch { room, epoch }).await?;
        self.look_again(room).await
    }

    /// The room, read just now: an operator's change is made on what is, not on what was.
    async fn known(&self, room: RoomId) -> Result<Arc<Room>, RoomError> {
        self.learn_house().await?;
        let room = self.room(room)?;
        self.look(&room).await?;
        Ok(room)
    }

    async fn look_again(&self, room: RoomId) -> Result<RoomReport, RoomError> {
        match self.known(room).await {
            // The change is made; this copy's own view of it follows with the next tick.
            Ok(_) | Err(RoomError::Store(StoreError::Fencing)) => {}
            Err(error) => return Err(error),
        }
        self.report(room).await
    }
}
