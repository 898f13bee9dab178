//! What can be done with waiting rooms: one use case a file.
//!
//! A copy of the service keeps, for each room, what it last read ([`room::RoomState`])
//! and what it has seen handed out ([`room::Seen`]). Both can be rebuilt: the first
//! from Redis, the second is what makes up for Redis when Redis forgets.

mod admin;
mod batches;
mod check;
mod error;
mod forget;
mod join;
mod leave;
mod look;
mod place;
mod renew;
mod room;
mod status;
mod sync;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::{SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwap;
use onsale_telemetry::Instruments;
use onsale_token::{Keyring, QueueToken, RoomId};

pub use self::{
    admin::RoomReport,
    check::check_rooms,
    error::{Kind, RoomError},
    join::{JoinRefusal, JoinRequest, Joined},
    look::TICK_INTERVAL,
    place::{Place, Standing},
    sync::{RoomSeen, RoomSynced, Synced},
};
use self::{
    place::Visitor,
    room::{Room, RoomState},
};
use crate::{
    metrics::{Metrics, RoomFigures},
    store::redis::{House, RoomEpoch, Store, StoreError},
};

/// The waiting rooms, as one copy of the service sees them.
#[derive(Debug)]
pub struct WaitingRooms {
    store: Arc<Store>,
    keyring: Keyring,
    rooms: Arc<KnownRooms>,
    house: ArcSwap<House>,
    metrics: Arc<Metrics>,
}

type KnownRooms = RwLock<HashMap<RoomId, Arc<Room>>>;

impl WaitingRooms {
    /// Rooms kept in `store`, with tokens signed by `keyring`, measured by instruments of their own. Knows of no room
    /// until the first look.
    #[must_use]
    pub fn new(store: Arc<Store>, keyring: Keyring, instruments: &Instruments) -> Self {
        let (rooms, metrics) = (Arc::<KnownRooms>::default(), Metrics::new(instruments));
        let watched = Arc::downgrade(&rooms);
        metrics.watch(instruments, move || figures(&watched));
        Self { store, keyring, rooms, house: ArcSwap::default(), metrics }
    }

    /// Which rooms there are, and what they guard. A copy that has not looked yet knows of none: another one may.
    fn house(&self) -> Result<Arc<House>, RoomError> {
        let house = self.house.load_full();
        if house.rooms.is_empty() { Err(RoomError::Store(StoreError::Away)) } else { Ok(house) }
    }

    /// The room, if there is one.
    fn room(&self, room: RoomId) -> Result<Arc<Room>, RoomError> {
        self.house()?;
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        rooms.get(&room).cloned().ok_or(RoomError::NoRoom)
    }

    /// The rooms that this copy knows of.
    fn known_rooms(&self) -> Vec<Arc<Room>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The room that guards a concert; concert 0 stands for the site.
    fn room_of_concert(&self, concert: u64) -> Result<Arc<Room>, RoomError> {
        let room = self.house()?.room_by_concert.get(&concert).copied();
        self.room(room.unwrap_or(RoomId::SITE))
    }

    /// Who shows the token, in which room, as that is now.
    ///
    /// # Errors
    /// [`RoomError::Token`], [`RoomError::EndedEpoch`], [`RoomError::NoRoom`], [`RoomError::Store`].
    async fn visitor(&self, token: &str) -> Result<Visitor, RoomError> {
        let token = self.keyring.verify(token, unix_ms() / 1_000).map_err(RoomError::Token)?;
        let room = self.room(token.room)?;
        let mut state = room.state()?;
        if token.epoch > state.view.epoch {
            // A token of an epoch that this copy has not seen begin yet.
            state = self.look(&room).await?;
        }
        if token.epoch != state.view.epoch {
            return Err(RoomError::EndedEpoch);
        }
        room.see(RoomSeen { epoch: token.epoch, number: token.number, serving: 0 });
        Ok(Visitor { room, state, token })
    }

    fn sign(&self, token: &QueueToken) -> Result<String, RoomError> {
        self.keyring.sign(token, unix_ms() / 1_000).map_err(RoomError::Token)
    }
}

/// What there is to say of every room that was read.
fn figures(rooms: &Weak<KnownRooms>) -> Vec<RoomFigures> {
    let Some(rooms) = rooms.upgrade() else { return Vec::new() };
    let rooms = rooms.read().unwrap_or_else(PoisonError::into_inner);
    let mut figures: Vec<_> =
        rooms.values().filter_map(|room| room.state().ok()).map(|state| state.figures()).collect();
    figures.sort_unstable_by_key(|room| room.room);
    figures
}

impl RoomState {
    fn room_epoch(&self) -> RoomEpoch {
        RoomEpoch { room: self.view.room, epoch: self.view.epoch }
    }
}

/// This machine's clock, Unix time in milliseconds. For the age of tokens and for estimates;
/// what is decided in a room is decided by Redis' clock.
fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
