//! The file as it is written: docs/the-houses-data.md explains it. The documentation of these types
//! is that of the schema.

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Deserialize;
use time::OffsetDateTime;

/// The house's own data: halls, concerts and their schedules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HouseFile {
    /// Where the schema is, for editors. Not read.
    #[serde(default, rename = "$schema")]
    pub schema: Option<String>,
    /// The halls that the schedules below are in.
    #[serde(default)]
    pub halls: Vec<HallFile>,
    /// The concerts.
    #[serde(default)]
    pub concerts: Vec<ConcertFile>,
}

/// A hall as it is numbered. Once imported it never changes: another arrangement of the same hall is another hall,
/// with a key of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HallFile {
    /// The house's own name for it, by which it is found when the import is repeated.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]{0,63}$"))]
    pub key: String,
    /// What it is called.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// Its parts. Seats are numbered in the order of the file: section by section, row by row, from left to right.
    #[schemars(length(min = 1))]
    pub sections: Vec<SectionFile>,
}

/// A part of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SectionFile {
    /// What it is called, once in a hall.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// The price tier of its rows that name none.
    #[serde(default)]
    #[schemars(length(min = 1, max = 32))]
    pub tier: Option<String>,
    /// How near its first row is to the stage, 1 for the front; each next row is one further. It matters between sections,
    /// for the best available seats: the front of a circle is as good as a row in the middle of the stalls.
    #[serde(default = "front")]
    #[schemars(range(min = 1, max = 10_000))]
    pub first_rank: u16,
    /// What is printed on a ticket, from {section}, {row} and {number}.
    #[serde(default = "label")]
    #[schemars(length(min = 1, max = 200))]
    pub label: String,
    /// Its rows, the one nearest to the stage first.
    #[schemars(length(min = 1))]
    pub rows: Vec<RowsFile>,
}

/// Rows that are alike, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowsFile {
    /// Their names, the one nearest to the stage first; each once in a section.
    #[schemars(length(min = 1), inner(length(min = 1, max = 16)))]
    pub rows: Vec<String>,
    /// The numbers of each row's seats from left to right: numbers and spans with commas between them, and | for an aisle.
    /// A span is from-to, downwards too, or from-to/step. "1-10 | 11-20" is a row of 20 with an aisle in the middle, "19-1/2 |
    /// 2-20/2" one that counts outwards, odd on the left.
    #[schemars(regex(
        pattern = r"^\s*[0-9]+(\s*-\s*[0-9]+(\s*/\s*[0-9]+)?)?(\s*[,|]\s*[0-9]+(\s*-\s*[0-9]+(\s*/\s*[0-9]+)?)?)*\s*$"
    ))]
    pub seats: String,
    /// Their price tier; without it, the section's.
    #[serde(default)]
    #[schemars(length(min = 1, max = 32))]
    pub tier: Option<String>,
    /// Seats of these rows that are of other tiers, such as those with a pillar in view.
    #[serde(default)]
    pub other_tiers: Vec<OtherTierFile>,
    /// The numbers of the seats where a wheelchair can be placed. They are sold only to those who ask for them, or name them.
    #[serde(default)]
    #[schemars(regex(
        pattern = r"^\s*[0-9]+(\s*-\s*[0-9]+(\s*/\s*[0-9]+)?)?(\s*,\s*[0-9]+(\s*-\s*[0-9]+(\s*/\s*[0-9]+)?)?)*\s*$"
    ))]
    pub accessible: Option<String>,
}

/// Seats of a row that are of another tier than the row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtherTierFile {
    /// The tier.
    #[schemars(length(min = 1, max = 32))]
    pub tier: String,
    /// The seats' numbers, as in the row.
    #[schemars(regex(
        pattern = r"^\s*[0-9]+(\s*-\s*[0-9]+(\s*/\s*[0-9]+)?)?(\s*,\s*[0-9]+(\s*-\s*[0-9]+(\s*/\s*[0-9]+)?)?)*\s*$"
    ))]
    pub seats: String,
}

/// A show.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConcertFile {
    /// The house's own name for it, by which it is found when the import is repeated.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]{0,63}$"))]
    pub key: String,
    /// What it is called.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// Who plays.
    #[schemars(length(min = 1, max = 200))]
    pub performer: String,
    /// Where, as visitors read it.
    #[schemars(length(min = 1, max = 200))]
    pub venue: String,
    /// Its dates.
    #[serde(default)]
    pub schedules: Vec<ScheduleFile>,
}

/// One dated performance of a concert. All but its key and its hall may change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleFile {
    /// The house's own name for it, once in its concert, by which it is found when the import is repeated.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]{0,63}$"))]
    pub key: String,
    /// The key of its hall, one of this file.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]{0,63}$"))]
    pub hall: String,
    /// When it begins, RFC 3339.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub starts_at: OffsetDateTime,
    /// When booking opens, RFC 3339.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub sale_opens_at: OffsetDateTime,
    /// When booking ends, RFC 3339; without it, when it begins.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub sale_closes_at: Option<OffsetDateTime>,
    /// ISO 4217, such as EUR.
    #[schemars(regex(pattern = r"^[A-Z]{3}$"))]
    pub currency: String,
    /// What a seat of each tier of the hall costs, in minor units of the currency: 8500 is 85 euros.
    #[schemars(extend("additionalProperties" = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000_000_i64}))]
    pub prices: BTreeMap<String, i64>,
    /// How many seats one user may have, held and bought together; null for no limit.
    #[serde(default = "eight")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub seats_per_user: Option<i32>,
}

fn front() -> u16 {
    1
}

fn label() -> String {
    "{section} {row}{number}".to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "it is the value of a field that may be null")]
fn eight() -> Option<i32> {
    Some(8)
}

/// The JSON Schema of the file, as `schema/house.schema.json` has it.
///
/// # Errors
/// The schema cannot be written as JSON.
pub fn schema() -> Result<String, serde_json::Error> {
    let generator = SchemaSettings::draft2020_12().into_generator();
    serde_json::to_string_pretty(&generator.into_root_schema_for::<HouseFile>())
}
