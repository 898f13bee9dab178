//! Somebody who keeps a view by what a catalog tells, as a gateway does.

use std::collections::HashMap;

use onsale_proto::catalog::v1::{
    self as pb, RefreshSeatsRequest, ScheduleSeats, WatchedSchedule, schedule_seats::News,
    seat_view_service_client::SeatViewServiceClient,
};
use onsale_seat_view::{SeatChange, SeatVector, Seats};
use sqlx::PgPool;
use tonic::{Status, transport::Channel};

pub(crate) struct Follower {
    schedule: i64,
    seats: Option<Seats>,
    prices: HashMap<String, i64>,
}

impl Follower {
    pub(crate) fn new(schedule: i64) -> Self {
        Self { schedule, seats: None, prices: HashMap::new() }
    }

    /// What it has been told.
    pub(crate) fn seats(&self) -> &Seats {
        self.seats.as_ref().expect("told once")
    }

    pub(crate) fn prices(&self) -> &HashMap<String, i64> {
        &self.prices
    }

    /// Asks once; whether it was told changes.
    pub(crate) async fn follow(&mut self, client: &mut SeatViewServiceClient<Channel>) -> bool {
        self.try_to_follow(client).await.expect("an answer").1
    }

    /// Asks once: the age of what it was told, and whether that was changes.
    pub(crate) async fn try_to_follow(
        &mut self,
        client: &mut SeatViewServiceClient<Channel>,
    ) -> Result<(u64, bool), Status> {
        let known = self.seats.as_ref().map(|seats| message(seats.vector()));
        let watched = vec![WatchedSchedule { schedule_id: self.schedule.cast_unsigned(), known }];
        let told = client.refresh_seats(RefreshSeatsRequest { watched }).await?.into_inner();
        let [told] = <[ScheduleSeats; 1]>::try_from(told.schedules).expect("one");
        let age_ms = told.age_ms;
        Ok((age_ms, self.learn(told)))
    }

    fn learn(&mut self, told: ScheduleSeats) -> bool {
        assert!(!told.not_found);
        let Some(news) = told.news else {
            assert!(self.seats.is_some() && told.vector.is_none());
            return false;
        };
        let vector = vector(told.vector.expect("with news"));
        match news {
            News::All(all) => {
                self.prices = all.price_by_tier.into_iter().collect();
                self.seats = Some(Seats::whole(vector, &all.states, &all.held_until_us).expect("seats"));
                false
            }
            News::Changes(changes) => {
                assert!(vector.covers(self.seats().vector()), "a view went back");
                let changes = changes_of(changes, &vector);
                self.seats = Some(self.seats().changed(vector, &changes).expect("changes"));
                true
            }
        }
    }
}

fn changes_of(changes: pb::SeatChanges, vector: &SeatVector) -> Vec<SeatChange> {
    let states = Seats::states_of_codes(&changes.states, &changes.held_until_us).expect("states");
    assert_eq!(states.len(), changes.seat_nos.len());
    let seats = changes.seat_nos.into_iter().zip(states);
    seats
        .map(|(seat_no, state)| {
            let version = vector.blocks[(seat_no as usize - 1) / onsale_seat_view::SEATS_PER_BLOCK];
            SeatChange { seat_no, version, state }
        })
        .collect()
}

fn vector(message: pb::SeatVector) -> SeatVector {
    SeatVector { epoch: message.epoch, revision: message.revision, blocks: message.blocks }
}

fn message(vector: &SeatVector) -> pb::SeatVector {
    pb::SeatVector { epoch: vector.epoch, revision: vector.revision, blocks: vector.blocks.clone() }
}

/// What the store has, while nobody writes.
pub(crate) async fn stored(pool: &PgPool, schedule: i64) -> Seats {
    let (epoch, revision, blocks): (i64, i64, Vec<i64>) = sqlx::query_as(
        "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint, s.revision,
                (SELECT array_agg(version ORDER BY block) FROM block_version WHERE schedule_id = s.id)
         FROM schedule s WHERE s.id = $1",
    )
    .bind(schedule)
    .fetch_one(pool)
    .await
    .expect("a schedule");
    let seats: Vec<(i16, Option<i64>)> = sqlx::query_as(
        "SELECT status, (extract(epoch FROM held_until) * 1000000)::bigint
         FROM seat_state WHERE schedule_id = $1 ORDER BY seat_no",
    )
    .bind(schedule)
    .fetch_all(pool)
    .await
    .expect("seats");
    let codes: Vec<u8> = seats.iter().map(|(status, _)| u8::try_from(*status).expect("a status")).collect();
    let ends: Vec<i64> = seats.iter().filter_map(|(_, until)| *until).collect();
    let blocks = blocks.into_iter().map(i64::cast_unsigned).collect();
    Seats::whole(SeatVector { epoch, revision, blocks }, &codes, &ends).expect("seats")
}
