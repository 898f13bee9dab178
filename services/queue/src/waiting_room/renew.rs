use super::{RoomError, WaitingRooms};
use crate::store::redis::SessionState;

impl WaitingRooms {
    /// Moves the end of a session's lease to now plus a lease, never past the session cap.
    ///
    /// # Errors
    /// [`RoomError::NoSession`] when the token has none, or none any more.
    pub async fn renew(&self, token: &str) -> Result<SessionState, RoomError> {
        let visitor = self.visitor(token).await?;
        let room = visitor.state.room_epoch();
        self.store.renew(room, &visitor.place_ref()).await?.ok_or(RoomError::NoSession)
    }
}
