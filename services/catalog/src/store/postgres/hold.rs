use time::Duration;
use uuid::Uuid;

use super::{
    answer::{AnswerQuery, HoldDone, HoldsDone},
    connect::PostgresStore,
    statement::Statement,
};
use crate::{
    domain::{Buyer, Hold, HoldAnswer, Keyed, OwnHold},
    store::{HoldSeats, SalesError},
};

/// Parameters: buyer, key, request, the new hold's id, concert, schedule, seats, how long it lasts and how long at
/// most, in milliseconds.
pub const HOLD_SEATS: &str = "SELECT hold_seats($1, $2, $3, $4, $5, $6, $7, $8, $9, true)::text";

/// Holds named seats.
pub(super) async fn hold_seats(store: &PostgresStore, request: HoldSeats) -> Result<HoldAnswer, SalesError> {
    ask(store, "hold seats", HOLD_SEATS, request).await
}

/// A function that holds seats, with the parameters of [`HOLD_SEATS`].
pub(super) async fn ask(
    store: &PostgresStore,
    name: &'static str,
    sql: &'static str,
    request: HoldSeats,
) -> Result<HoldAnswer, SalesError> {
    answer(store, name, query(sql, &request)).await
}

/// A function that holds seats, with the parameters of [`HOLD_SEATS`].
pub(super) fn query(sql: &'static str, request: &HoldSeats) -> AnswerQuery<'static> {
    let seats: Vec<i32> = request.seats.iter().map(|seat| seat.0.cast_signed()).collect();
    keyed(sql, &request.buyer, request.keyed.as_ref())
        .bind(Uuid::now_v7())
        .bind(request.concert.stored())
        .bind(request.schedule.stored())
        .bind(seats)
        .bind(milliseconds(request.hold))
        .bind(milliseconds(request.cap))
}

/// The kept answer of a key.
pub(super) async fn kept(store: &PostgresStore, buyer: Buyer, key: Keyed) -> Result<HoldAnswer, SalesError> {
    let query = keyed("SELECT only_kept_answer($1, $2, $3)::text", &buyer, Some(&key));
    answer(store, "kept answer", query).await
}

/// A hold as it stands.
pub(super) async fn get(store: &PostgresStore, own: OwnHold) -> Result<Hold, SalesError> {
    let query = sqlx::query_as("SELECT get_hold($1, $2)::text")
        .bind(own.buyer.stored())
        .bind(Uuid::from_u128(own.hold.0));
    answer(store, "get hold", query).await.map(|answer| answer.hold)
}

/// A buyer's live holds.
pub(super) async fn list(store: &PostgresStore, buyer: Buyer, limit: u32) -> Result<Vec<Hold>, SalesError> {
    let query = sqlx::query_as("SELECT list_holds($1, $2)::text")
        .bind(buyer.stored())
        .bind(i32::try_from(limit).unwrap_or(i32::MAX));
    let statement = Statement { name: "list holds", table: "hold" };
    store.told::<HoldsDone>(statement, query).await?.into_holds()
}

/// Moves a hold's end.
pub(super) async fn extend(
    store: &PostgresStore,
    own: OwnHold,
    extension: Duration,
) -> Result<HoldAnswer, SalesError> {
    let query = owned("SELECT extend_hold($1, $2, $3, $4, $5)::text", &own).bind(milliseconds(extension));
    answer(store, "extend hold", query).await
}

/// Moves a hold's end to the payment deadline.
pub(super) async fn check_out(
    store: &PostgresStore,
    own: OwnHold,
    payment: Duration,
) -> Result<HoldAnswer, SalesError> {
    let query = owned("SELECT check_out_hold($1, $2, $3, $4, $5)::text", &own).bind(milliseconds(payment));
    answer(store, "check out hold", query).await
}

/// Gives a hold's seats back.
pub(super) async fn release(store: &PostgresStore, own: OwnHold) -> Result<HoldAnswer, SalesError> {
    let query = owned("SELECT release_hold($1, $2, $3, $4)::text", &own);
    answer(store, "release hold", query).await
}

/// A function of selling with its first parameters: buyer, key, request, hold.
pub(super) fn owned(sql: &'static str, own: &OwnHold) -> AnswerQuery<'static> {
    keyed(sql, &own.buyer, own.keyed.as_ref()).bind(Uuid::from_u128(own.hold.0))
}

/// A function of selling with its first parameters: buyer, key, request.
pub(super) fn keyed(sql: &'static str, buyer: &Buyer, keyed: Option<&Keyed>) -> AnswerQuery<'static> {
    sqlx::query_as(sql)
        .bind(buyer.stored())
        .bind(keyed.map(|keyed| keyed.key.as_str().to_owned()))
        .bind(keyed.map(|keyed| keyed.digest.0.to_vec()))
}

/// As the functions take it; a time that does not fit is as long as can be.
pub(super) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.whole_milliseconds()).unwrap_or(i64::MAX)
}

async fn answer(
    store: &PostgresStore,
    name: &'static str,
    query: AnswerQuery<'_>,
) -> Result<HoldAnswer, SalesError> {
    store.told::<HoldDone>(Statement { name, table: "hold" }, query).await?.into_answer()
}
