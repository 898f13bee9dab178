use super::{RoomError, WaitingRooms};

impl WaitingRooms {
    /// Leaves the line, or gives the slot back. Leaving twice is no error.
    ///
    /// # Errors
    /// As for any token; [`RoomError::Store`].
    pub async fn leave(&self, token: &str) -> Result<(), RoomError> {
        let visitor = self.visitor(token).await?;
        if visitor.token.number > 0 {
            self.store.leave(visitor.state.room_epoch(), &visitor.place_ref()).await?;
        }
        Ok(())
    }
}
