use async_trait::async_trait;
use serde::Deserialize;

use super::{answer::WrittenTold, connect::PostgresStore, statement::Statement};
use crate::{
    domain::HouseSeatsAnswer,
    store::{HouseSeats, HouseSeatsStore, SalesError},
};

#[async_trait]
impl HouseSeatsStore for PostgresStore {
    async fn block(&self, request: HouseSeats) -> Result<HouseSeatsAnswer, SalesError> {
        ask(self, "block seats", "SELECT block_seats($1, $2, $3)::text", request).await
    }

    async fn unblock(&self, request: HouseSeats) -> Result<HouseSeatsAnswer, SalesError> {
        ask(self, "unblock seats", "SELECT unblock_seats($1, $2, $3)::text", request).await
    }
}

/// How many seats changed, and what was written.
#[derive(Deserialize)]
struct HouseSeatsDone {
    changed: u32,
    written: Option<WrittenTold>,
}

async fn ask(
    store: &PostgresStore,
    name: &'static str,
    sql: &'static str,
    request: HouseSeats,
) -> Result<HouseSeatsAnswer, SalesError> {
    let seats: Vec<i32> = request.seats.iter().map(|seat| seat.0.cast_signed()).collect();
    let query =
        sqlx::query_as(sql).bind(request.concert.stored()).bind(request.schedule.stored()).bind(seats);
    let done: HouseSeatsDone = store.told(Statement { name, table: "seat_state" }, query).await?;
    let written = done.written.map(WrittenTold::into_written).transpose()?;
    Ok(HouseSeatsAnswer { changed: done.changed, written })
}
