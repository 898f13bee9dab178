use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::Error as _};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat,
        schema::{Schema, Type},
    },
};

/// An instant, in milliseconds of Unix time here and RFC 3339 UTC outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp(pub(crate) i64);

impl Timestamp {
    /// Reads RFC 3339.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(instant.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }

    /// Writes RFC 3339, unless the year has more than four digits.
    pub(crate) fn text(self) -> Option<String> {
        let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).ok()?;
        instant.format(&Rfc3339).ok()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text().ok_or_else(|| S::Error::custom("an instant out of range"))?;
        serializer.serialize_str(&text)
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, UTC"))
            .examples(["2026-12-24T18:00:00Z"])
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        "Timestamp".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(ms: i64) -> String {
        serde_json::to_string(&Timestamp(ms)).unwrap()
    }

    #[test]
    fn instants_are_utc_to_the_millisecond() {
        assert_eq!(text(1_798_135_200_000), "\"2026-12-24T18:00:00Z\"");
        assert_eq!(text(1_798_135_200_120), "\"2026-12-24T18:00:00.12Z\"");
        assert_eq!(Timestamp::parse("2026-12-25T03:00:00+09:00"), Some(Timestamp(1_798_135_200_000)));
        assert_eq!(Timestamp::parse("2026-12-24"), None);
        assert!(serde_json::to_string(&Timestamp(i64::MAX)).is_err());
    }
}
