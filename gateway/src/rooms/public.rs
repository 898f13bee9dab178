use onsale_token::{RoomId, RoomView, Wait};

use crate::{
    failure::{Failure, Service},
    rooms::Rooms,
};

/// How a room stands, for everyone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublicRoom {
    pub(crate) view: RoomView,
    pub(crate) stale: bool,
    /// How long whoever joins now would wait.
    pub(crate) wait: Option<Wait>,
    /// When whoever joins now would be told to ask again, without jitter.
    pub(crate) poll_after_ms: u64,
}

impl Rooms {
    /// A room's view as of `now_ms`, Unix time in milliseconds; `None` when there is no such room.
    pub(crate) fn room(&self, room: RoomId, now_ms: i64) -> Result<Option<PublicRoom>, Failure> {
        let snapshot = self.views.load();
        let age = snapshot.age().filter(|age| *age <= self.bounds.view_max_age);
        let age = age.ok_or_else(|| Failure::away(Service::Queue))?;
        let view = snapshot.rooms.get(&room).map(|room| room.current().into_owned());
        Ok(view.map(|view| public(view, age > self.bounds.stale_after, now_ms)))
    }
}

fn public(view: RoomView, stale: bool, now_ms: i64) -> PublicRoom {
    let next = view.last_number.saturating_add(1);
    let wait = view.wait(next, now_ms);
    PublicRoom { stale, wait, poll_after_ms: view.poll_after_ms(wait, 0.0), view }
}
