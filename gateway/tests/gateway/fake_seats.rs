//! The catalog's seat views: one schedule of three seats, which a test writes to.

use std::time::Duration;

use onsale_proto::catalog::v1::{
    self as pb,
    schedule_seats::News,
    seat_view_service_server::{SeatViewService, SeatViewServiceServer},
};
use onsale_seat_view::{SeatChange, SeatState, SeatVector, Seats};
use tonic::{Request, Response, Status};

use crate::{
    fake_catalog::{BEGINS_MS, CONCERT, FakeCatalog, SCHEDULE},
    fake_sales::missing,
    world::now_ms,
};

pub(crate) const LAYOUT: u64 = 5;

/// What seats are told of.
pub(crate) struct SeatsScript {
    pub(crate) seats: Seats,
    pub(crate) age_ms: u64,
    /// Before each answer.
    pub(crate) delay: Duration,
    /// What the gateway knew when it asked, of each schedule.
    pub(crate) known: Vec<Option<pb::SeatVector>>,
}

impl Default for SeatsScript {
    fn default() -> Self {
        let vector = SeatVector { epoch: 1, revision: 1, blocks: vec![5] };
        let seats = Seats::whole(vector, &[0, 2, 0], &[]).unwrap();
        Self { seats, age_ms: 0, delay: Duration::ZERO, known: Vec::new() }
    }
}

impl SeatsScript {
    /// Changes a seat, as a write of its own. The block's version after it.
    pub(crate) fn write(&mut self, seat_no: u32, state: SeatState) -> u64 {
        let mut vector = self.seats.vector().clone();
        vector.blocks[0] += 1;
        let version = vector.blocks[0];
        self.seats = self.seats.changed(vector, &[SeatChange { seat_no, version, state }]).unwrap();
        version
    }

    /// Holds a seat for so long.
    pub(crate) fn hold(&mut self, seat_no: u32, time: Duration) {
        let until_us = now_us() + i64::try_from(time.as_micros()).unwrap();
        self.write(seat_no, SeatState::Held { until_us });
    }

    /// The store starts anew, with what it had.
    pub(crate) fn restart(&mut self) {
        let mut vector = self.seats.vector().clone();
        vector.epoch += 1;
        let codes: Vec<u8> = self.seats.states().map(SeatState::code).collect();
        let ends: Vec<i64> = self.seats.states().filter_map(SeatState::until_us).collect();
        self.seats = Seats::whole(vector, &codes, &ends).unwrap();
    }

    fn tell(&mut self, watched: pb::WatchedSchedule) -> pb::ScheduleSeats {
        let schedule_id = watched.schedule_id;
        self.known.push(watched.known.clone());
        if schedule_id != SCHEDULE {
            return pb::ScheduleSeats { schedule_id, not_found: true, ..Default::default() };
        }
        let known = watched.known.map(|known| SeatVector {
            epoch: known.epoch,
            revision: known.revision,
            blocks: known.blocks,
        });
        let news = match known {
            Some(known) if known.covers(self.seats.vector()) => None,
            Some(known) => self.seats.changed_since(&known).map(|seats| News::Changes(self.changes(seats))),
            None => None,
        };
        let is_known = watched_covers(&self.known, &self.seats);
        let news = news.or_else(|| (!is_known).then(|| News::All(self.all())));
        let vector = self.seats.vector();
        let vector =
            pb::SeatVector { epoch: vector.epoch, revision: vector.revision, blocks: vector.blocks.clone() };
        let vector = news.is_some().then_some(vector);
        let (age_ms, now_us) = (self.age_ms, now_us());
        pb::ScheduleSeats { schedule_id, not_found: false, age_ms, now_us, vector, news }
    }

    fn changes(&self, seat_nos: Vec<u32>) -> pb::SeatChanges {
        let states: Vec<_> = seat_nos.iter().map(|seat_no| self.seats.state(*seat_no).unwrap()).collect();
        pb::SeatChanges {
            seat_nos,
            states: states.iter().map(|state| state.code()).collect(),
            held_until_us: states.iter().filter_map(|state| state.until_us()).collect(),
        }
    }

    fn all(&self) -> pb::AllSeats {
        pb::AllSeats {
            concert_id: CONCERT,
            layout_id: LAYOUT,
            starts_at_ms: BEGINS_MS,
            sale_opens_at_ms: BEGINS_MS - 86_400_000,
            sale_closes_at_ms: BEGINS_MS - 3_600_000,
            currency: "EUR".to_owned(),
            price_by_tier: [("A".to_owned(), 8_800)].into(),
            states: self.seats.states().map(SeatState::code).collect(),
            held_until_us: self.seats.states().filter_map(SeatState::until_us).collect(),
        }
    }
}

/// Whether what was known last covers what there is.
fn watched_covers(known: &[Option<pb::SeatVector>], seats: &Seats) -> bool {
    known.last().and_then(Option::as_ref).is_some_and(|known| {
        let known = SeatVector { epoch: known.epoch, revision: known.revision, blocks: known.blocks.clone() };
        known.covers(seats.vector())
    })
}

fn now_us() -> i64 {
    now_ms() * 1_000
}

pub(crate) fn service(catalog: &FakeCatalog) -> SeatViewServiceServer<FakeCatalog> {
    SeatViewServiceServer::new(catalog.clone())
}

#[tonic::async_trait]
impl SeatViewService for FakeCatalog {
    async fn refresh_seats(
        &self,
        request: Request<pb::RefreshSeatsRequest>,
    ) -> Result<Response<pb::RefreshSeatsResponse>, Status> {
        let delay = self.asked("refresh_seats")?.seats.delay;
        tokio::time::sleep(delay).await;
        let watched = request.into_inner().watched;
        let mut script = self.script();
        let schedules = watched.into_iter().map(|watched| script.seats.tell(watched)).collect();
        Ok(Response::new(pb::RefreshSeatsResponse { schedules }))
    }

    async fn get_layout(
        &self,
        request: Request<pb::GetLayoutRequest>,
    ) -> Result<Response<pb::Layout>, Status> {
        drop(self.asked("get_layout")?);
        let layout_id = request.into_inner().layout_id;
        if layout_id != LAYOUT {
            return Err(missing("layout"));
        }
        let seat = |seat_no: u32| pb::LayoutSeat {
            section: if seat_no == 3 { "Circle" } else { "Stalls" }.to_owned(),
            row: "C".to_owned(),
            position: seat_no,
            label: format!("C {seat_no}"),
            tier: "A".to_owned(),
            accessible: seat_no == 2,
        };
        let seats = (1..=3).map(seat).collect();
        Ok(Response::new(pb::Layout { layout_id, name: "Harbour Hall".to_owned(), seats }))
    }
}
