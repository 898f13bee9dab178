//! Forgetting whose numbers are over: a room that is never reset holds as many records as it has use for.

use tracing::warn;

use super::{
    WaitingRooms,
    room::{Room, RoomState},
};
use crate::store::redis::PIECES;

/// How far a copy is in going through a room's records, a piece with each of its looks: four minutes a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Forgetting {
    epoch: u64,
    /// What the round goes by that is under way, or was the last.
    gone: u64,
    /// The piece that comes next; the first where no round is under way.
    next: u32,
}

impl Forgetting {
    /// The piece to go through now, if any. A round begins when so many more numbers are over that each piece has one to drop:
    /// what stays is little, and a room that is seldom used costs nothing.
    pub(super) fn piece(&mut self, epoch: u64, gone: u64) -> Option<u32> {
        if self.epoch != epoch {
            *self = Self { epoch, ..Self::default() };
        }
        if self.next == 0 {
            if gone < self.gone + u64::from(PIECES) {
                return None;
            }
            self.gone = gone;
        }
        let piece = self.next;
        self.next = (self.next + 1) % PIECES;
        Some(piece)
    }
}

impl WaitingRooms {
    /// Goes through the next piece of a room's records. Of one that fails the next round takes care.
    pub(super) async fn forget(&self, room: &Room, state: &RoomState) {
        if let Some(piece) = room.piece_to_forget(state)
            && let Err(error) = self.store.forget(state.room_epoch(), piece).await
        {
            warn!(%error, room = %room.id, "forgetting whose numbers are over");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: u64 = PIECES as u64 - 1;
    const ENOUGH: u64 = PIECES as u64;

    #[test]
    fn a_round_takes_each_piece_once() {
        let mut forgetting = Forgetting::default();
        let round: Vec<_> = std::iter::from_fn(|| forgetting.piece(7, ENOUGH + FEW)).collect();
        assert_eq!(round, (0..PIECES).collect::<Vec<_>>());
        assert_eq!(forgetting.piece(7, 2 * ENOUGH + FEW), Some(0));
    }

    #[test]
    fn there_is_no_round_for_a_few() {
        let mut forgetting = Forgetting::default();
        assert_eq!(forgetting.piece(7, FEW), None);
    }

    #[test]
    fn another_epoch_begins_anew() {
        let mut forgetting = Forgetting::default();
        assert_eq!((forgetting.piece(7, ENOUGH), forgetting.piece(7, ENOUGH)), (Some(0), Some(1)));
        assert_eq!(forgetting.piece(8, 0), None);
        assert_eq!(forgetting.piece(8, ENOUGH), Some(0));
    }
}
