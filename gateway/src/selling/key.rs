/// Names a request of a buyer's, so that sending it again is not doing it again: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

/// The text is no idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 255 visible ASCII characters")]
pub(crate) struct InvalidKey;

impl IdempotencyKey {
    /// How many characters a key may have.
    const MAX_CHARS: usize = 255;

    /// Reads a key as it stands in the header: bare, as most clients write it, or as the quoted string of RFC 8941
    /// that the header's draft asks for. Both are the same key.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim_matches([' ', '\t']);
        let key = match text.strip_prefix('"') {
            Some(rest) => unquoted(rest).ok_or(InvalidKey)?,
            None => text.to_owned(),
        };
        let fits =
            (1..=Self::MAX_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(key)) } else { Err(InvalidKey) }
    }

    /// The key as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is between the quotes, of which the first is taken off already. A backslash stands before a quote or another
/// backslash, and before nothing else.
fn unquoted(rest: &str) -> Option<String> {
    let inner = rest.strip_suffix('"')?;
    let mut key = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return None,
            '\\' => key.push(letters.next().filter(|next| matches!(next, '"' | '\\'))?),
            other => key.push(other),
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        IdempotencyKey::parse(text).ok().map(|key| key.as_str().to_owned())
    }

    #[test]
    fn quoted_and_bare_are_one_key() {
        let id = "8e03978e-40d5-43e8-bc93-6894a57f9324";
        assert_eq!(key(id).as_deref(), Some(id));
        assert_eq!(key(&format!(" \"{id}\" ")).as_deref(), Some(id));
        assert_eq!(key(r#""a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(key(&"k".repeat(255)).is_some());
        let long = "k".repeat(256);
        for wrong in
            ["", "\"\"", "\"", "\"open", r#""a"b""#, r#""a\b""#, r#""a\""#, "a b", "é", "a\nb", &long]
        {
            assert_eq!(key(wrong), None, "{wrong:?} was taken");
        }
    }
}
