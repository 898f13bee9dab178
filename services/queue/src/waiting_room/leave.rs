use super::{RoomError, WaitingRooms};
use crate::store::redis::Left;

impl WaitingRooms {
    /// Leaves the line, or gives the slot back. Leaving twice is no error.
    ///
    /// # Errors
    /// As for any token; [`RoomError::Store`].
    pub async fn leave(&self, token: &str) -> Result<(), RoomError> {
        let visitor = self.visitor(token).await?;
        if visitor.token.number > 0 {
            let left = self.store.leave(visitor.state.room_epoch(), &visitor.place_ref()).await?;
            // A session that was given back is counted by the tick that takes note of its end.
            if left == Left::Place {
                visitor.room.metrics.left();
            }
        }
        Ok(())
    }
}
