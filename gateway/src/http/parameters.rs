use std::{borrow::Cow, convert::Infallible};

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use onsale_token::RoomId;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    problem::{Problem, ProblemType},
    timestamp::Timestamp,
};

/// The largest id: they are signed 64-bit integers wherever they are kept.
const MAX_ID: &str = "a whole number from 1 to 9223372036854775807";
/// With hyphens and without braces: one id has one form.
const UUID_CHARS: usize = 36;
/// Longer than any cursor; what is longer is refused before it is decoded.
const MAX_TEXT: usize = 512;

/// The variable parts of a path, as text.
pub(crate) struct PathText<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathText<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(text)) => Ok(Self(text)),
            Err(_) => Err(Problem::new(ProblemType::InvalidParameter).with_detail("the path is not UTF-8")),
        }
    }
}

/// The parameters behind the question mark. Unknown ones are ignored: older clients send some.
pub(crate) struct QueryText(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for QueryText {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self(pairs.map_or_else(|_| Vec::new(), |Query(pairs)| pairs)))
    }
}

impl QueryText {
    /// A parameter that may be given once.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        self.bounded(name, MAX_TEXT)
    }

    /// A parameter that may be given once, of so many bytes.
    pub(crate) fn bounded(&self, name: &str, most: usize) -> Result<Option<&str>, Problem> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let value = values.next();
        if values.next().is_some() {
            return Err(Problem::parameter(name, "given more than once"));
        }
        if value.is_some_and(|value| value.len() > most) {
            return Err(Problem::parameter(name, Cow::Owned(format!("at most {most} bytes"))));
        }
        Ok(value)
    }

    /// How many at most, 1 to `most`.
    pub(crate) fn limit(&self, most: u32) -> Result<Option<u32>, Problem> {
        let wrong = || Problem::parameter("limit", format!("a whole number from 1 to {most}"));
        self.text("limit")?
            .map(|text| digits(text).filter(|limit| (1..=most).contains(limit)).ok_or_else(wrong))
            .transpose()
    }

    /// An instant, in milliseconds of Unix time.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<i64>, Problem> {
        let wrong = || Problem::parameter(name, "an instant as RFC 3339 writes it: 2026-12-24T18:00:00Z");
        self.text(name)?
            .map(|text| Timestamp::parse(text).map(|instant| instant.0).ok_or_else(wrong))
            .transpose()
    }
}

/// The id of a concert or a schedule.
pub(crate) fn id(name: &str, text: &str) -> Result<u64, Problem> {
    digits(text).filter(|id| is_id(*id)).ok_or_else(|| Problem::parameter(name, MAX_ID))
}

/// The id of a room.
pub(crate) fn room_id(text: &str) -> Result<RoomId, Problem> {
    digits(text).and_then(RoomId::new).ok_or_else(|| Problem::parameter("roomId", MAX_ID))
}

/// The id of a hold or a sale: a UUID as it was given out.
pub(crate) fn uuid(name: &str, text: &str) -> Result<Uuid, Problem> {
    let parsed = if text.len() == UUID_CHARS { Uuid::try_parse(text).ok() } else { None };
    parsed.ok_or_else(|| Problem::parameter(name, "a UUID as the hold or the sale has it"))
}

/// Whether a number can be an id.
pub(crate) fn is_id(number: u64) -> bool {
    number > 0 && i64::try_from(number).is_ok()
}

/// Digits and nothing else: the standard parser takes a plus sign too.
fn digits<N: std::str::FromStr>(text: &str) -> Option<N> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> QueryText {
        QueryText(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn ids_are_positive_and_fit_a_signed_integer() {
        assert_eq!(id("concertId", "7").unwrap(), 7);
        assert_eq!(id("concertId", "9223372036854775807").unwrap(), 9_223_372_036_854_775_807);
        for wrong in ["", "0", "-1", "+1", "1.0", "one", "9223372036854775808", "99999999999999999999", "٣"]
        {
            assert!(id("concertId", wrong).is_err(), "{wrong} was taken");
            assert!(room_id(wrong).is_err(), "{wrong} was taken");
        }
    }

    #[test]
    fn a_uuid_has_one_form() {
        let id = "0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e";
        assert_eq!(uuid("holdId", id).unwrap().to_string(), id);
        for wrong in
            ["", "1", "0194f3a05b1c7e2a9c113f0a2b4c5d6e", "urn:uuid:0194f3a0-5b1c-7e2a-9c11-3f0a2b4c5d6e"]
        {
            assert!(uuid("holdId", wrong).is_err(), "{wrong} was taken");
        }
    }

    #[test]
    fn a_parameter_is_given_once() {
        assert_eq!(query(&[("limit", "7"), ("userId", "1")]).limit(200).unwrap(), Some(7));
        assert_eq!(query(&[]).limit(200).unwrap(), None);
        for wrong in [&[("limit", "7"), ("limit", "8")][..], &[("limit", "0")], &[("limit", "201")]] {
            assert!(query(wrong).limit(200).is_err(), "{wrong:?}");
        }
    }
}
