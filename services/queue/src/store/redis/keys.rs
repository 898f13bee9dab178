use onsale_token::RoomId;

use super::RoomEpoch;

/// How many buckets an epoch's users are spread over. With a million users a bucket holds 15: well
/// inside the limit that keeps a hash a listpack (128 fields in any Redis' default), where a user
/// takes some 30 bytes, and few enough that finding one is not felt in the cost of a join.
pub const BUCKETS: u32 = 65_536;
/// Buckets whose records are gone through in one command: with a million users a thousand records.
const PIECE: u32 = 64;
/// How many pieces all buckets make.
pub const PIECES: u32 = BUCKETS / PIECE;

/// The names of the house's own keys.
pub(super) const ROOM_IDS: &str = "{rooms}:ids";
pub(super) const CONCERTS: &str = "{rooms}:concerts";
pub(super) const VERSION: &str = "{rooms}:version";
pub(super) const USER_KEY: &str = "{rooms}:user_key";

/// The keys of a room that carry its epoch, in the scripts' order after the head.
const EPOCH_KEYS: [&str; 9] =
    ["claimed", "left", "active", "sessions", "ready", "present", "history", "revoked", "lost"];

/// The only place where names of keys are made. All of a room share its hash tag, hence a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys(pub(super) RoomEpoch);

impl Keys {
    /// The ten keys that every script of a room is given.
    pub(super) fn of_room(self) -> Vec<String> {
        let mut keys = vec![Self::head(self.0.room)];
        keys.extend(EPOCH_KEYS.iter().map(|name| self.in_epoch(name)));
        keys
    }

    /// The same, then one bucket for each user.
    pub(super) fn with_buckets(self, users: impl Iterator<Item = u128>) -> Vec<String> {
        let mut keys = self.of_room();
        keys.extend(users.map(|user| self.bucket(bucket_of(user))));
        keys
    }

    /// Every key that carries the epoch, for deleting them; in pieces.
    pub(super) fn of_epoch(self) -> impl Iterator<Item = Vec<String>> {
        let named = EPOCH_KEYS.iter().map(|name| self.in_epoch(name)).collect();
        std::iter::once(named).chain(self.buckets())
    }

    /// Every bucket of users; in pieces.
    pub(super) fn buckets(self) -> impl Iterator<Item = Vec<String>> {
        const AT_ONCE: u32 = 256;
        (0..BUCKETS / AT_ONCE).map(move |some| self.some_buckets(some, AT_ONCE).collect())
    }

    /// The keys that every script of a room is given, then the buckets of a piece.
    pub(super) fn with_piece(self, piece: u32) -> Vec<String> {
        let mut keys = self.of_room();
        keys.extend(self.some_buckets(piece, PIECE));
        keys
    }

    fn some_buckets(self, nth: u32, size: u32) -> impl Iterator<Item = String> {
        (nth * size..(nth + 1) * size).map(move |bucket| self.bucket(bucket))
    }

    /// The room's head, which has no epoch in its name.
    pub(super) fn head(room: RoomId) -> String {
        format!("room:{{{room}}}:head")
    }

    /// The room's epochs whose keys are still to be deleted.
    pub(super) fn retired(room: RoomId) -> String {
        format!("room:{{{room}}}:retired")
    }

    fn in_epoch(self, name: &str) -> String {
        format!("room:{{{}}}:{}:{name}", self.0.room, self.0.epoch)
    }

    fn bucket(self, bucket: u32) -> String {
        format!("room:{{{}}}:{}:user:{bucket}", self.0.room, self.0.epoch)
    }
}

fn bucket_of(user: u128) -> u32 {
    u32::try_from(user % u128::from(BUCKETS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys(RoomEpoch { room: RoomId::new(42).unwrap(), epoch: 7 })
    }

    #[test]
    fn every_key_of_a_room_carries_its_tag() {
        let all = keys().with_buckets([u128::MAX, 0].into_iter());
        assert_eq!(all[0], "room:{42}:head");
        assert_eq!(all[1], "room:{42}:7:claimed");
        assert_eq!(all[10], "room:{42}:7:user:65535");
        assert_eq!(all[11], "room:{42}:7:user:0");
        assert!(all.iter().all(|key| key.starts_with("room:{42}:")));
        assert_eq!(Keys::retired(RoomId::SITE), "room:{1}:retired");
    }

    #[test]
    fn deleting_an_epoch_names_each_of_its_keys_once() {
        let all: Vec<_> = keys().of_epoch().flatten().collect();
        let unique: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!((all.len(), unique.len()), (65_536 + 9, 65_536 + 9));
        assert!(!all.contains(&"room:{42}:head".to_owned()));
    }
}
