use super::{Place, RoomError, WaitingRooms};

impl WaitingRooms {
    /// Where the token's visitor stands. For a called visitor this is the claim.
    ///
    /// # Errors
    /// As [`WaitingRooms`] says of tokens; [`RoomError::Store`] and [`RoomError::Overloaded`] for called visitors.
    pub async fn status(&self, token: &str) -> Result<Place, RoomError> {
        let visitor = self.visitor(token).await?;
        let standing = self.stand(&visitor).await?;
        Ok(Place {
            room: visitor.room.id,
            epoch: visitor.token.epoch,
            number: visitor.token.number,
            mode: visitor.state.view.mode,
            standing,
        })
    }
}
