use std::{fmt, num::NonZeroU64, sync::Arc};

/// Names a waiting room. Room 1 is the *site* room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(NonZeroU64);

impl RoomId {
    /// The room that guards every concert which has none of its own.
    pub const SITE: Self = Self(NonZeroU64::MIN);

    /// `None` for 0 and for what a signed 64-bit integer cannot hold.
    #[must_use]
    pub fn new(id: u64) -> Option<Self> {
        NonZeroU64::new(id).filter(|id| i64::try_from(id.get()).is_ok()).map(Self)
    }

    /// The id as a plain integer, from 1.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who waits: 1 to 64 characters, none of them a control character.
///
/// An integer user is its decimal digits, so that `1` and `"1"` are one user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(Arc<str>);

/// The text is no user: empty, longer than 64 characters, or with control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user is 1 to 64 characters without control characters")]
pub struct InvalidUserId;

impl UserId {
    /// How many characters a user may have.
    pub const MAX_CHARS: usize = 64;

    /// # Errors
    /// [`InvalidUserId`] as it says.
    pub fn new(text: &str) -> Result<Self, InvalidUserId> {
        let length = text.chars().take(Self::MAX_CHARS + 1).count();
        let fits = (1..=Self::MAX_CHARS).contains(&length) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.into())) } else { Err(InvalidUserId) }
    }

    /// The user as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_ids_are_positive_and_fit_a_signed_integer() {
        assert_eq!(RoomId::new(0), None);
        assert_eq!(RoomId::new(u64::MAX), None);
        assert_eq!(RoomId::new(1), Some(RoomId::SITE));
        assert_eq!(RoomId::new(i64::MAX as u64).map(RoomId::get), Some(i64::MAX as u64));
    }

    #[test]
    fn users_are_one_to_sixty_four_characters() {
        assert_eq!(UserId::new(""), Err(InvalidUserId));
        assert_eq!(UserId::new(&"é".repeat(65)), Err(InvalidUserId));
        assert_eq!(UserId::new("a\nb"), Err(InvalidUserId));
        assert!(UserId::new(&"é".repeat(64)).is_ok());
        assert_eq!(UserId::new("7").unwrap().as_str(), "7");
    }
}
