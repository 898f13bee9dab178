use crate::rooms::{Rooms, Shown, StatusError, sessions::SessionKey};

impl Rooms {
    /// Gives up the place in line, or the slot. Leaving twice is no error.
    pub(crate) async fn leave(&self, shown: &Shown) -> Result<(), StatusError> {
        let token = &shown.token;
        let (epoch, generation) = {
            let snapshot = self.views.load();
            let room = snapshot.rooms.get(&token.room);
            (room.map(|room| room.view.epoch), room.map(|room| room.generation))
        };
        if epoch.is_some_and(|epoch| token.epoch < epoch) {
            return Err(StatusError::EndedEpoch);
        }
        if token.number == 0 {
            return Ok(());
        }
        self.queue.leave(&shown.text).await?;
        if let Some(generation) = generation {
            self.sessions.end(SessionKey { generation, number: token.number });
        }
        Ok(())
    }
}
