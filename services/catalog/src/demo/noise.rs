use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

/// The demo's seed: with another one it would be another demo.
const SEED: (u64, u64) = (0x6f6e_7361_6c65, 0x6465_6d6f);

/// A number below `below` that looks random, and is the same for the same words every time.
pub(super) fn below(below: u64, words: [u64; 3]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(SEED.0, SEED.1);
    for word in words {
        hasher.write_u64(word.to_le());
    }
    hasher.finish() % below.max(1)
}
