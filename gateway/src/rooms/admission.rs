use std::sync::Arc;

use onsale_token::RoomId;

use crate::{
    clock,
    failure::{Failure, Service},
    rooms::{Place, Presented, Rooms, Shown, Standing, Standpoint, StatusError, status::Known},
};

/// Why a visitor may not see what is behind a room.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum NotAdmitted {
    /// No token was shown.
    #[error("no token")]
    TokenMissing,
    /// What was shown is no valid token.
    #[error("no valid token")]
    TokenInvalid,
    /// The token is of another room than the one that guards the concert.
    #[error("token of another room")]
    AnotherRoom {
        /// The room to join.
        room: RoomId,
    },
    /// The visitor is still in line.
    #[error("still waiting")]
    StillWaiting(Box<Standpoint>),
    /// The place is used up.
    #[error("the session has ended")]
    SessionEnded,
    /// The room is closed to those who wait.
    #[error("the room is closed")]
    RoomClosed,
    /// The token has no standing.
    #[error(transparent)]
    Status(#[from] StatusError),
}

impl From<Failure> for NotAdmitted {
    fn from(failure: Failure) -> Self {
        Self::Status(failure.into())
    }
}

impl Rooms {
    /// Lets a visitor see what is behind the concert's room. A called one who comes here first is admitted by it.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        concert: u64,
        presented: &Presented,
    ) -> Result<(), NotAdmitted> {
        match self.guarded(concert, presented)? {
            Some(shown) => self.admit_to_room(shown).await,
            None => Ok(()),
        }
    }

    /// The token that is to be looked at, if the concert is behind a room in force, and it is that room's.
    pub(super) fn guarded<'a>(
        &self,
        concert: u64,
        presented: &'a Presented,
    ) -> Result<Option<&'a Shown>, NotAdmitted> {
        let Some(room) = self.guard_of(concert)? else { return Ok(None) };
        match presented {
            Presented::Nothing => Err(NotAdmitted::TokenMissing),
            Presented::Invalid => Err(NotAdmitted::TokenInvalid),
            Presented::Token(shown) if shown.token.room != room => Err(NotAdmitted::AnotherRoom { room }),
            Presented::Token(shown) => Ok(Some(shown)),
        }
    }

    async fn admit_to_room(self: &Arc<Self>, shown: &Shown) -> Result<(), NotAdmitted> {
        let standpoint = match self.known(shown, clock::now_ms())? {
            Known::Here(seen, _) if self.may_be_called_by_now(&seen.place) => {
                self.ask(shown).await.map_or(seen, Standpoint::told)
            }
            Known::Here(seen, _) => seen,
            Known::Elsewhere => Standpoint::told(self.ask(shown).await?),
        };
        admitted(standpoint)
    }

    /// Whether a visitor who waits as far as this gateway knows stands so near to the front that another gateway may
    /// have seen it called, and told it so. Who waits further back is refused without asking anybody.
    pub(super) fn may_be_called_by_now(&self, place: &Place) -> bool {
        let snapshot = self.views.load();
        let room = snapshot.rooms.get(&place.room).filter(|room| room.view.mode.admits());
        place.standing == Standing::Waiting
            && room.is_some_and(|room| place.remaining <= room.view.callable_within(self.bounds.stale_after))
    }

    /// The room in force that guards a concert; `None` where anyone reads. Without a view nobody knows, and nobody
    /// is let in.
    fn guard_of(&self, concert: u64) -> Result<Option<RoomId>, Failure> {
        let snapshot = self.views.load();
        let young_enough = snapshot.age().is_some_and(|age| age <= self.bounds.view_max_age);
        if !young_enough {
            return Err(Failure::away(Service::Queue));
        }
        let id = snapshot.concert_rooms.room_of(concert);
        let in_force = snapshot.rooms.get(&id).is_some_and(|room| room.view.mode.in_force());
        Ok(in_force.then_some(id))
    }
}

/// Lets in who is there.
pub(super) fn admitted(standpoint: Standpoint) -> Result<(), NotAdmitted> {
    match standpoint.place.standing {
        Standing::Active => Ok(()),
        Standing::Waiting => Err(NotAdmitted::StillWaiting(Box::new(standpoint))),
        Standing::Expired => Err(NotAdmitted::SessionEnded),
        Standing::Closed => Err(NotAdmitted::RoomClosed),
    }
}
