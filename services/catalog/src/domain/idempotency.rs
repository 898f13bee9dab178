//! Asking again: the key that names a request, and what the request was.

use super::{Invalid, Problem};

/// A buyer's own name for one request: 1 to 255 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX_LENGTH: usize = 255;

    /// A key as the contract has it: empty stands for none.
    ///
    /// # Errors
    /// Names `idempotency_key` when it is too long.
    pub fn new(key: String) -> Result<Option<Self>, Invalid> {
        if key.is_empty() {
            return Ok(None);
        }
        match Problem::of_text(&key, Self::MAX_LENGTH) {
            None => Ok(Some(Self(key))),
            Some(problem) => Err(Invalid { field: "idempotency_key", problem }),
        }
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 of what is asked: the operation and its request, without the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest(pub [u8; 32]);

/// A request that is asked under a key: its answer is kept, and given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The key.
    pub key: IdempotencyKey,
    /// What is asked: the same key with another digest is a mistake.
    pub digest: RequestDigest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_bounded_text_and_empty_is_none() {
        assert_eq!(IdempotencyKey::new(String::new()), Ok(None));
        let key = IdempotencyKey::new("ä".repeat(255)).expect("a key").expect("not empty");
        assert_eq!(key.as_str(), "ä".repeat(255));
        for wrong in ["x".repeat(256), "a\0".to_owned()] {
            let field = IdempotencyKey::new(wrong).err().map(|invalid| invalid.field);
            assert_eq!(field, Some("idempotency_key"));
        }
    }
}
