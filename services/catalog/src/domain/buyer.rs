//! Who buys: a user, or a channel of the house.

use super::{Invalid, Problem};

/// Who holds and buys seats. A user and a channel of one name are two buyers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Buyer {
    kind: Kind,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    User,
    Channel,
}

impl Buyer {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// The user of a queue token; limited by the schedule's setting.
    ///
    /// # Errors
    /// Names `buyer.user` when it is empty or too long.
    pub fn user(name: String) -> Result<Self, Invalid> {
        Self::new(Kind::User, name, "buyer.user")
    }

    /// A channel of the house, such as a box office; not limited.
    ///
    /// # Errors
    /// Names `buyer.channel` when it is empty or too long.
    pub fn channel(name: String) -> Result<Self, Invalid> {
        Self::new(Kind::Channel, name, "buyer.channel")
    }

    fn new(kind: Kind, name: String, field: &'static str) -> Result<Self, Invalid> {
        Problem::of_text(&name, Self::MAX_LENGTH)
            .map_or(Ok(Self { kind, name }), |problem| Err(Invalid { field, problem }))
    }

    /// The buyer as the store has it: the kind, a colon and the name.
    #[must_use]
    pub fn stored(&self) -> String {
        let kind = match self.kind {
            Kind::User => "user",
            Kind::Channel => "channel",
        };
        format!("{kind}:{}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_and_a_channel_of_one_name_are_two_buyers() {
        let user = Buyer::user("ada".to_owned()).expect("a name");
        let channel = Buyer::channel("ada".to_owned()).expect("a name");
        assert_eq!((user.stored().as_str(), channel.stored().as_str()), ("user:ada", "channel:ada"));
    }

    #[test]
    fn a_name_is_bounded_text() {
        let field = |name: &str| Buyer::user(name.to_owned()).err().map(|invalid| invalid.field);
        assert_eq!(field("a"), None);
        assert_eq!(field(&"ä".repeat(64)), None);
        for wrong in ["", "a\0b", &"ä".repeat(65)] {
            assert_eq!(field(wrong), Some("buyer.user"), "{wrong:?}");
        }
        assert_eq!(Buyer::channel(String::new()).err().map(|invalid| invalid.field), Some("buyer.channel"));
    }
}
