//! What the functions of selling answer, as `0010_selling.sql` has it, and what that means.

use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{Postgres, postgres::PgArguments, query::QueryAs};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{connect::PostgresStore, statement::Statement};
use crate::{
    domain::{
        BlockVersion, HeldSeat, Hold, HoldAnswer, HoldId, HoldState, Refusal, Sale, SaleAnswer, SaleId,
        SeatNo, Subject, Written,
    },
    store::{SalesError, StoreError},
};

/// One row of one column: the answer as text.
pub(super) type AnswerQuery<'q> = QueryAs<'q, Postgres, (String,), PgArguments>;

/// An answer that no function should give.
#[derive(Debug, thiserror::Error)]
enum Senseless {
    #[error("no answer at all")]
    Absent,
    #[error("an answer that cannot be read")]
    Unreadable(#[from] serde_json::Error),
    #[error("{0} is out of range")]
    OutOfRange(&'static str),
}

impl From<Senseless> for SalesError {
    fn from(senseless: Senseless) -> Self {
        StoreError::Broken(senseless.into()).into()
    }
}

impl PostgresStore {
    /// Runs a function of selling and reads what it has done.
    pub(super) async fn told<T: DeserializeOwned>(
        &self,
        statement: Statement,
        query: AnswerQuery<'_>,
    ) -> Result<T, SalesError> {
        let rows = self.select(statement, query).await?.rows;
        let (text,) = rows.into_iter().next().ok_or(Senseless::Absent)?;
        read(&text)
    }
}

/// Reads what a function of selling has done.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, SalesError> {
    let outcome: Outcome<T> = serde_json::from_str(text).map_err(Senseless::from)?;
    outcome.into_done()
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum Outcome<T> {
    Done(T),
    NoSchedule,
    NoSection,
    NoHold,
    NoSale,
    NoAnswer,
    UnknownSeats { seats: Vec<u32> },
    SeatsTaken { seats: Vec<u32> },
    NotEnoughSeats,
    LimitReached { limit: u32, have: u32 },
    SaleNotOpen { opens_at: i64 },
    SaleOver,
    HoldEnded,
    PaymentBegun,
    HoldSold,
    AnotherOrder,
    KeyReused,
}

impl<T> Outcome<T> {
    fn into_done(self) -> Result<T, SalesError> {
        let refusal = match self {
            Self::Done(done) => return Ok(done),
            Self::NoSchedule => return Err(SalesError::NotFound(Subject::Schedule)),
            Self::NoSection => return Err(SalesError::NotFound(Subject::Section)),
            Self::NoHold => return Err(SalesError::NotFound(Subject::Hold)),
            Self::NoSale => return Err(SalesError::NotFound(Subject::Sale)),
            Self::NoAnswer => return Err(SalesError::NotFound(Subject::Answer)),
            Self::UnknownSeats { seats } => return Err(SalesError::UnknownSeats(numbers(seats))),
            Self::SeatsTaken { seats } => Refusal::SeatsTaken(numbers(seats)),
            Self::NotEnoughSeats => Refusal::NotEnoughSeats,
            Self::LimitReached { limit, have } => Refusal::LimitReached { limit, have },
            Self::SaleNotOpen { opens_at } => Refusal::SaleNotOpen { opens_at: instant(opens_at)? },
            Self::SaleOver => Refusal::SaleOver,
            Self::HoldEnded => Refusal::HoldEnded,
            Self::PaymentBegun => Refusal::PaymentBegun,
            Self::HoldSold => Refusal::HoldSold,
            Self::AnotherOrder => Refusal::AnotherOrder,
            Self::KeyReused => Refusal::KeyReused,
        };
        Err(refusal.into())
    }
}

/// A hold and what was written.
#[derive(Deserialize)]
pub(super) struct HoldDone {
    hold: HoldTold,
    written: Option<WrittenTold>,
    /// Said of kept answers only.
    #[serde(default)]
    replayed: bool,
}

impl HoldDone {
    pub(super) fn into_answer(self) -> Result<HoldAnswer, SalesError> {
        let written = self.written.map(WrittenTold::into_written).transpose()?;
        Ok(HoldAnswer { hold: self.hold.into_hold()?, written, replayed: self.replayed })
    }
}

/// Several holds.
#[derive(Deserialize)]
pub(super) struct HoldsDone {
    holds: Vec<HoldTold>,
}

impl HoldsDone {
    pub(super) fn into_holds(self) -> Result<Vec<Hold>, SalesError> {
        self.holds.into_iter().map(HoldTold::into_hold).collect()
    }
}

/// A sale and what was written.
#[derive(Deserialize)]
pub(super) struct SaleDone {
    sale: SaleTold,
    written: Option<WrittenTold>,
    /// Said of kept answers only.
    #[serde(default)]
    replayed: bool,
}

impl SaleDone {
    pub(super) fn into_answer(self) -> Result<SaleAnswer, SalesError> {
        let written = self.written.map(WrittenTold::into_written).transpose()?;
        Ok(SaleAnswer { sale: self.sale.into_sale()?, written, replayed: self.replayed })
    }
}

#[derive(Deserialize)]
struct HoldTold {
    id: Uuid,
    concert: i64,
    schedule: i64,
    state: i16,
    seats: Vec<SeatTold>,
    currency: String,
    held_at: i64,
    ends_at: i64,
    latest_end_at: i64,
    now: i64,
    sale: Option<Uuid>,
}

impl HoldTold {
    fn into_hold(self) -> Result<Hold, SalesError> {
        Ok(Hold {
            id: HoldId(self.id.as_u128()),
            concert: self.concert.try_into().map_err(|_| Senseless::OutOfRange("concert"))?,
            schedule: self.schedule.try_into().map_err(|_| Senseless::OutOfRange("schedule"))?,
            state: hold_state(self.state).ok_or(Senseless::OutOfRange("state"))?,
            seats: self.seats.into_iter().map(SeatTold::into_seat).collect(),
            currency: self.currency,
            held_at: instant(self.held_at)?,
            ends_at: instant(self.ends_at)?,
            latest_end_at: instant(self.latest_end_at)?,
            now: instant(self.now)?,
            sale: self.sale.map(|sale| SaleId(sale.as_u128())),
        })
    }
}

#[derive(Deserialize)]
struct SaleTold {
    id: Uuid,
    hold: Uuid,
    concert: i64,
    schedule: i64,
    order_ref: String,
    seats: Vec<SeatTold>,
    currency: String,
    sold_at: i64,
    cancelled_at: Option<i64>,
}

impl SaleTold {
    fn into_sale(self) -> Result<Sale, SalesError> {
        Ok(Sale {
            id: SaleId(self.id.as_u128()),
            hold: HoldId(self.hold.as_u128()),
            concert: self.concert.try_into().map_err(|_| Senseless::OutOfRange("concert"))?,
            schedule: self.schedule.try_into().map_err(|_| Senseless::OutOfRange("schedule"))?,
            order_ref: self.order_ref,
            seats: self.seats.into_iter().map(SeatTold::into_seat).collect(),
            currency: self.currency,
            sold_at: instant(self.sold_at)?,
            cancelled_at: self.cancelled_at.map(instant).transpose()?,
        })
    }
}

#[derive(Deserialize)]
struct SeatTold {
    no: u32,
    price: i64,
    section: String,
    row: String,
    label: String,
    tier: String,
}

impl SeatTold {
    fn into_seat(self) -> HeldSeat {
        let Self { no, price, section, row, label, tier } = self;
        HeldSeat { seat_no: SeatNo(no), price, section, row, label, tier }
    }
}

/// The versions that a write made.
#[derive(Deserialize)]
pub(super) struct WrittenTold {
    schedule: i64,
    epoch: i64,
    blocks: Vec<(u32, u64)>,
}

impl WrittenTold {
    pub(super) fn into_written(self) -> Result<Written, SalesError> {
        let schedule = self.schedule.try_into().map_err(|_| Senseless::OutOfRange("schedule"))?;
        let blocks =
            self.blocks.into_iter().map(|(block, version)| BlockVersion { block, version }).collect();
        Ok(Written { schedule, epoch: self.epoch, blocks })
    }
}

/// The states as `hold` has them.
fn hold_state(stored: i16) -> Option<HoldState> {
    match stored {
        0 => Some(HoldState::Held),
        1 => Some(HoldState::Paying),
        2 => Some(HoldState::Sold),
        3 => Some(HoldState::Released),
        4 => Some(HoldState::Ended),
        _ => None,
    }
}

fn numbers(seats: Vec<u32>) -> Vec<SeatNo> {
    seats.into_iter().map(SeatNo).collect()
}

fn instant(micros: i64) -> Result<OffsetDateTime, Senseless> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000)
        .map_err(|_| Senseless::OutOfRange("instant"))
}
