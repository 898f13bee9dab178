//! Forgetting whose numbers are over: a room that is never reset holds as many records as it has use for.

use super::{RoomError, WaitingRooms, room::Room};
use crate::store::redis::{PIECES, RoomEpoch};

/// How far a copy is in going through a room's records, a piece with each tick that it writes: four minutes where
/// nobody else does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Forgetting {
    epoch: u64,
    /// What the round goes by that is under way, or was the last.
    gone: u64,
    /// The piece that comes next; the first where no round is under way.
    next: u32,
}

impl Forgetting {
    /// The piece to go through now; none where nobody's number was over since the last round began.
    fn piece(&mut self, epoch: u64, gone: u64) -> Option<u32> {
        if self.epoch != epoch {
            *self = Self { epoch, ..Self::default() };
        }
        if self.next == 0 {
            if gone <= self.gone {
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
    pub(super) async fn forget(&self, room: &Room, epoch: u64, gone: u64) -> Result<(), RoomError> {
        let piece = room.forgetting().piece(epoch, gone);
        if let Some(piece) = piece {
            self.store.forget(RoomEpoch { room: room.id, epoch }, piece).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_takes_each_piece_once() {
        let mut forgetting = Forgetting::default();
        let round: Vec<_> = std::iter::from_fn(|| forgetting.piece(7, 5)).collect();
        assert_eq!(round, (0..PIECES).collect::<Vec<_>>());
        assert_eq!(forgetting.piece(7, 6), Some(0));
    }

    #[test]
    fn there_is_no_round_while_nobodys_number_is_over() {
        let mut forgetting = Forgetting::default();
        assert_eq!(forgetting.piece(7, 0), None);
    }

    #[test]
    fn another_epoch_begins_anew() {
        let mut forgetting = Forgetting::default();
        assert_eq!((forgetting.piece(7, 5), forgetting.piece(7, 5)), (Some(0), Some(1)));
        assert_eq!(forgetting.piece(8, 0), None);
        assert_eq!(forgetting.piece(8, 1), Some(0));
    }
}
