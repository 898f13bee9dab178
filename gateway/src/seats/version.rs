//! Versions of seats as readers have them: opaque texts.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use onsale_seat_view::{Figures, SeatVector};

use crate::selling::Written;

/// As long as a text can be: a hall of a million seats, every block of which has changed a million times.
pub(crate) const MOST_VERSION_TEXT: usize = 16 << 10;
const VIEW: u8 = 1;
const WRITE: u8 = 2;
/// A hall has at most a million seats.
const MOST_BLOCKS: u64 = 2_048;

/// What a reader has seen of a schedule's seats. Equal versions mean equal states, prices and times, whichever
/// gateway gave them out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatsVersion {
    pub(crate) schedule: u64,
    /// What was written.
    pub(crate) vector: SeatVector,
    /// The end of the last hold that had ended, microseconds after 1970; 0 for none.
    pub(crate) last_end_us: i64,
}

/// What a reader says that it has seen, or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A view.
    View(SeatsVersion),
    /// What a write of its own did.
    Write(Written),
}

impl SeatsVersion {
    pub(crate) fn new(schedule: u64, vector: &SeatVector, figures: Figures) -> Self {
        Self { schedule, vector: vector.clone(), last_end_us: figures.last_end_us }
    }

    pub(crate) fn encode(&self) -> String {
        let SeatVector { epoch, revision, blocks } = &self.vector;
        let mut bytes = vec![VIEW];
        let count = u64::try_from(blocks.len()).unwrap_or(u64::MAX);
        for number in [self.schedule, epoch.cast_unsigned(), revision.cast_unsigned()] {
            put(&mut bytes, number);
        }
        put(&mut bytes, self.last_end_us.cast_unsigned());
        put(&mut bytes, count);
        for version in blocks {
            put(&mut bytes, *version);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl Seen {
    /// The text that a reader passes on to see what was written.
    pub(crate) fn of_write(written: &Written) -> String {
        let mut bytes = vec![WRITE];
        put(&mut bytes, written.schedule);
        put(&mut bytes, written.epoch.cast_unsigned());
        put(&mut bytes, u64::try_from(written.blocks.len()).unwrap_or(u64::MAX));
        for (block, version) in &written.blocks {
            put(&mut bytes, u64::from(*block));
            put(&mut bytes, *version);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what was given out; none for any other text.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        if text.len() > MOST_VERSION_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (kind, rest) = bytes.split_first()?;
        let mut rest = Numbers(rest);
        let seen = match *kind {
            VIEW => Self::View(view(&mut rest)?),
            WRITE => Self::Write(write(&mut rest)?),
            _ => return None,
        };
        rest.0.is_empty().then_some(seen)
    }

    /// The schedule that it is about.
    pub(crate) fn schedule(&self) -> u64 {
        match self {
            Self::View(version) => version.schedule,
            Self::Write(written) => written.schedule,
        }
    }
}

fn view(numbers: &mut Numbers<'_>) -> Option<SeatsVersion> {
    let schedule = numbers.next()?;
    let (epoch, revision) = (numbers.next()?.cast_signed(), numbers.next()?.cast_signed());
    let last_end_us = numbers.next()?.cast_signed();
    let count = numbers.next().filter(|count| *count <= MOST_BLOCKS)?;
    let blocks = (0..count).map(|_| numbers.next()).collect::<Option<_>>()?;
    Some(SeatsVersion { schedule, vector: SeatVector { epoch, revision, blocks }, last_end_us })
}

fn write(numbers: &mut Numbers<'_>) -> Option<Written> {
    let (schedule, epoch) = (numbers.next()?, numbers.next()?.cast_signed());
    let count = numbers.next().filter(|count| *count <= MOST_BLOCKS)?;
    let mut block = || Some((u32::try_from(numbers.next()?).ok()?, numbers.next()?));
    let blocks = (0..count).map(|_| block()).collect::<Option<_>>()?;
    Some(Written { schedule, epoch, blocks })
}

/// Seven bits a byte, the lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..).step_by(7).take(10) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has one bit left.
            if shift == 63 && bits > 1 {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(blocks: Vec<u64>) -> SeatsVersion {
        let vector = SeatVector { epoch: 1_763_800_000_123_456, revision: 3, blocks };
        SeatsVersion { schedule: u64::MAX, vector, last_end_us: 1_763_800_600_000_000 }
    }

    #[test]
    fn texts_go_there_and_back() {
        for blocks in [vec![], vec![1], vec![0, 127, 128, 300, u64::MAX], (0..1_954).collect()] {
            let version = version(blocks);
            let text = version.encode();
            assert!(text.len() <= MOST_VERSION_TEXT);
            assert_eq!(Seen::decode(&text), Some(Seen::View(version)));
        }
        let written = Written { schedule: 7, epoch: -1, blocks: vec![(0, 5), (195, 1 << 40)] };
        assert_eq!(Seen::decode(&Seen::of_write(&written)), Some(Seen::Write(written)));
    }

    #[test]
    fn any_other_text_is_none() {
        let text = version(vec![1, 2, 3]).encode();
        for end in 0..text.len() {
            assert_eq!(Seen::decode(&text[..end]), None, "{end}");
        }
        for wrong in
            [format!("{text}AA"), "5.12".to_owned(), "%".to_owned(), "A".repeat(MOST_VERSION_TEXT + 1)]
        {
            assert_eq!(Seen::decode(&wrong), None, "{wrong}");
        }
        let too_many = {
            let mut bytes = vec![VIEW, 1, 1, 1, 1];
            put(&mut bytes, u64::MAX);
            URL_SAFE_NO_PAD.encode(bytes)
        };
        assert_eq!(Seen::decode(&too_many), None);
        assert_eq!(
            Seen::decode(&URL_SAFE_NO_PAD.encode([[WRITE; 1].as_slice(), &[0xff; 12]].concat())),
            None
        );
    }
}
