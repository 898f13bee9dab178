/// What a view covers: a version for each block of seats, within an epoch of the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SeatVector {
    /// Sets apart what was written before a restart or a failover of the store took it back.
    pub epoch: i64,
    /// Of the schedule and its prices.
    pub revision: i64,
    /// By block number.
    pub blocks: Vec<u64>,
}

impl SeatVector {
    /// Whether changes can be told from the one to the other: the same epoch, revision and hall.
    #[must_use]
    pub fn is_of_one_line_with(&self, other: &Self) -> bool {
        (self.epoch, self.revision, self.blocks.len()) == (other.epoch, other.revision, other.blocks.len())
    }

    /// Whether everything that the other covers is covered by this one too. Never across epochs.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.epoch == other.epoch
            && self.revision >= other.revision
            && self.blocks.len() == other.blocks.len()
            && self.blocks.iter().zip(&other.blocks).all(|(own, others)| own >= others)
    }

    /// Whether writes that made these versions of blocks are covered. Never across epochs.
    #[must_use]
    pub fn covers_writes(&self, epoch: i64, blocks: &[(u32, u64)]) -> bool {
        let covers = |(block, version): &(u32, u64)| {
            self.blocks.get(*block as usize).is_some_and(|own| own >= version)
        };
        self.epoch == epoch && blocks.iter().all(covers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(epoch: i64, revision: i64, blocks: &[u64]) -> SeatVector {
        SeatVector { epoch, revision, blocks: blocks.to_vec() }
    }

    #[test]
    fn every_block_counts_and_a_sum_would_not_do() {
        let known = vector(1, 1, &[3, 5]);
        assert!(known.covers(&known));
        assert!(vector(1, 1, &[3, 6]).covers(&known) && vector(1, 2, &[3, 5]).covers(&known));
        assert!(!vector(1, 1, &[9, 4]).covers(&known), "the sum is greater, and block 1 is behind");
        assert!(!vector(2, 1, &[9, 9]).covers(&known) && !vector(1, 1, &[9]).covers(&known));
    }

    #[test]
    fn a_write_is_covered_by_its_blocks() {
        let view = vector(1, 1, &[3, 5]);
        assert!(view.covers_writes(1, &[(1, 5)]) && view.covers_writes(1, &[]));
        assert!(!view.covers_writes(1, &[(0, 3), (1, 6)]));
        assert!(!view.covers_writes(2, &[(1, 5)]) && !view.covers_writes(1, &[(2, 1)]));
    }
}
