use async_trait::async_trait;
use sqlx::{Acquire as _, FromRow, PgConnection};

use super::{
    answer::{HoldDone, read},
    connect::PostgresStore,
    failure::{Inconsistent, classify},
    hold,
    statement::Statement,
};
use crate::{
    domain::{
        ConcertId, HoldAnswer, LayoutId, Picker, PlanSeat, Refusal, ScheduleId, SeatNumbers, SeatingPlan,
    },
    store::{BestAvailableStore, HoldPicked, HoldSeats, SalesError, SeatsStanding, StoreError},
};

/// As [`hold::HOLD_SEATS`], but seats that somebody else has locked are taken.
const HOLD_PICKED_SEATS: &str = "SELECT hold_seats($1, $2, $3, $4, $5, $6, $7, $8, $9, false)::text";

const STANDING: &str = "SELECT layout_id, states FROM seats_standing($1, $2)";

/// One row, one array a field.
const PLAN: &str = "
SELECT array_agg(p.section) AS section, array_agg(p.row_rank) AS row_rank, array_agg(p.position) AS position,
       array_agg(p.tier) AS tier, array_agg(p.accessible) AS accessible
FROM (SELECT * FROM layout_seat WHERE layout_id = $1 ORDER BY seat_no OFFSET 0) p";

const SEATS_STANDING: Statement = Statement { name: "seats standing", table: "seat_state" };

const HOLD_PICKED: &str = "hold picked seats";

/// So often seats are picked in one turn: others, who name theirs, may have them in their hands.
const PICKS_IN_TURN: usize = 4;

/// Others have the seats that are left in their hands.
#[derive(Debug, thiserror::Error)]
#[error("others have the seats that are left in their hands")]
struct InHands;

#[async_trait]
impl BestAvailableStore for PostgresStore {
    async fn standing(
        &self,
        concert: ConcertId,
        schedule: ScheduleId,
    ) -> Result<Option<SeatsStanding>, StoreError> {
        let query = sqlx::query_as::<_, StandingRow>(STANDING).bind(concert.stored()).bind(schedule.stored());
        let found = self.select(SEATS_STANDING, query).await?;
        found.rows.into_iter().next().map(StandingRow::into_standing).transpose()
    }

    async fn seating_plan(&self, layout: LayoutId) -> Result<Option<SeatingPlan>, StoreError> {
        let query = sqlx::query_as::<_, PlanRow>(PLAN).bind(layout.stored());
        let found = self.select(Statement { name: "read seating plan", table: "layout_seat" }, query).await?;
        Ok(found.rows.into_iter().next().and_then(PlanRow::into_plan))
    }

    async fn hold_picked(&self, request: HoldSeats) -> Result<HoldAnswer, SalesError> {
        hold::ask(self, HOLD_PICKED, HOLD_PICKED_SEATS, request).await
    }

    async fn pick_in_turn(&self, request: HoldPicked, picker: Picker) -> Result<HoldAnswer, SalesError> {
        let statement = Statement { name: "pick in turn", table: "seat_state" };
        let work = Box::pin(async {
            let mut lease = self.lease().await.map_err(classify)?;
            let mut transaction = lease.connection().map_err(classify)?.begin().await.map_err(classify)?;
            let answer = pick(self, &mut transaction, &request, picker).await?;
            let commit = Statement { name: "commit pick in turn", table: "seat_state" };
            self.run_on(commit, transaction.commit()).await?;
            Ok(answer)
        });
        self.within_bound(statement, work).await
    }
}

/// The only transaction of selling that has more than one round trip: what is picked cannot be known before the turn
/// has come. A program that dies meanwhile leaves its turn to the next when the server notices, at the latest by its
/// bound on idle transactions.
async fn pick(
    store: &PostgresStore,
    connection: &mut PgConnection,
    request: &HoldPicked,
    mut picker: Picker,
) -> Result<HoldAnswer, SalesError> {
    if let Some(answer) = take_turn(store, connection, request).await? {
        return answer;
    }
    picker.forget_lost();
    for _ in 0..PICKS_IN_TURN {
        let query = sqlx::query_as::<_, StandingRow>(STANDING)
            .bind(request.concert.stored())
            .bind(request.schedule.stored());
        let standing = store.run_on(SEATS_STANDING, query.fetch_optional(&mut *connection)).await?;
        let states = standing.map(StandingRow::into_standing).transpose()?.map(|standing| standing.states);
        let Some(seats) = picker.pick(states.unwrap_or_default()) else { break };
        match hold_picked(store, connection, request.of(seats)).await {
            Err(SalesError::Refused(Refusal::SeatsTaken(taken))) => picker.lose(&taken),
            outcome => return outcome,
        }
    }
    if picker.forget_lost() {
        return Err(StoreError::Busy(InHands.into()).into());
    }
    Err(Refusal::NotEnoughSeats.into())
}

/// None once it is the buyer's turn; otherwise what it is told without one.
async fn take_turn(
    store: &PostgresStore,
    connection: &mut PgConnection,
    request: &HoldPicked,
) -> Result<Option<Result<HoldAnswer, SalesError>>, SalesError> {
    let statement = Statement { name: "take turn to pick", table: "seat_state" };
    let query =
        sqlx::query_scalar::<_, Option<String>>("SELECT take_turn_to_pick($1, $2, $3, $4, $5, $6)::text")
            .bind(request.buyer.stored())
            .bind(request.keyed.as_ref().map(|keyed| keyed.key.as_str().to_owned()))
            .bind(request.keyed.as_ref().map(|keyed| keyed.digest.0.to_vec()))
            .bind(request.concert.stored())
            .bind(request.schedule.stored())
            .bind(request.section.as_ref().map(|section| section.as_str().to_owned()));
    let answer = store.run_on(statement, query.fetch_one(connection)).await?;
    Ok(answer.map(|text| read::<HoldDone>(&text)?.into_answer()))
}

async fn hold_picked(
    store: &PostgresStore,
    connection: &mut PgConnection,
    request: HoldSeats,
) -> Result<HoldAnswer, SalesError> {
    let statement = Statement { name: HOLD_PICKED, table: "hold" };
    let query = hold::query(HOLD_PICKED_SEATS, &request);
    let (text,) = store.run_on(statement, query.fetch_one(connection)).await?;
    read::<HoldDone>(&text)?.into_answer()
}

impl HoldPicked {
    fn of(&self, seats: SeatNumbers) -> HoldSeats {
        let Self { buyer, keyed, concert, schedule, hold, cap, .. } = self.clone();
        HoldSeats { buyer, keyed, concert, schedule, seats, hold, cap }
    }
}

#[derive(FromRow)]
struct StandingRow {
    layout_id: i64,
    states: Option<String>,
}

impl StandingRow {
    fn into_standing(self) -> Result<SeatsStanding, StoreError> {
        let id = self.layout_id;
        let layout = LayoutId::try_from(id).map_err(|_| Inconsistent {
            table: "layout",
            id,
            problem: "id is not positive",
        })?;
        let states = self.states.unwrap_or_default().bytes().map(|state| state - b'0').collect();
        Ok(SeatsStanding { layout, states })
    }
}

#[derive(FromRow)]
struct PlanRow {
    section: Option<Vec<String>>,
    row_rank: Option<Vec<i16>>,
    position: Option<Vec<i16>>,
    tier: Option<Vec<String>>,
    accessible: Option<Vec<bool>>,
}

impl PlanRow {
    /// None where there are no seats.
    fn into_plan(self) -> Option<SeatingPlan> {
        let (section, row_rank) = (self.section?, self.row_rank?);
        let (position, tier, accessible) = (self.position?, self.tier?, self.accessible?);
        let places = section.iter().zip(row_rank).zip(position).zip(&tier).zip(accessible);
        let seats = places.map(|((((section, row_rank), position), tier), accessible)| PlanSeat {
            section,
            row_rank: row_rank.unsigned_abs(),
            position: position.unsigned_abs(),
            tier,
            accessible,
        });
        Some(SeatingPlan::new(seats))
    }
}
