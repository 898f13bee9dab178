//! Somebody who wants seats: holds them, then pays, thinks better of it, or goes away.

use std::{
    error::Error as _,
    future::Future,
    time::{Duration, Instant},
};

use onsale_proto::catalog::v1::{
    ConfirmRequest, ExtendRequest, Hold, HoldKey, HoldRequest, SaleKey, SeatNumbers, hold_request::Seats,
    sales_service_client::SalesServiceClient,
};
use tonic::{Code, Response, Status, transport::Channel};
use tonic_types::StatusExt as _;

use super::{
    crowd::{Progress, Wish},
    house::House,
    tally::Tally,
};
use crate::selling::{confirmation, key, user};

/// Longer than anything here is away.
const IN_DOUBT: Duration = Duration::from_mins(3);
const CALL: Duration = Duration::from_secs(5);

/// A generator that is the same every time.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u32) -> Self {
        Self(u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66)
    }

    pub(super) fn below(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).expect("31 bits") % below
    }
}

pub(super) struct Buyer {
    name: String,
    clients: [SalesServiceClient<Channel>; 2],
    concert_id: u64,
    schedule_id: u64,
    seats: u32,
    wish: Wish,
    dice: Dice,
    tally: Tally,
}

impl Buyer {
    pub(super) fn new(
        number: u32,
        house: &House,
        clients: [SalesServiceClient<Channel>; 2],
        wish: Wish,
    ) -> Self {
        Self {
            name: format!("user {number}"),
            clients,
            concert_id: house.concert.cast_unsigned(),
            schedule_id: house.schedule.cast_unsigned(),
            seats: house.seats,
            wish,
            dice: Dice::new(number + 1),
            tally: Tally::default(),
        }
    }

    pub(super) async fn buy(mut self, progress: &Progress) -> Tally {
        while progress.next() {
            self.tally.attempts += 1;
            let request = self.request();
            let answer = self.settle(|mut client| {
                let request = request.clone();
                async move { client.hold(request).await }
            });
            let Ok(answer) = answer.await else { continue };
            let hold = answer.hold.expect("a hold");
            let seats = hold.seats.iter().map(|seat| seat.seat_no).collect();
            self.tally.holds.insert(hold.hold_id.clone(), seats);
            match self.dice.below(if self.wish.dawdle { 10 } else { 6 }) {
                0..4 => self.pay(&hold).await,
                4..6 => self.release(&hold).await,
                6 => self.extend(&hold).await,
                _ => {}
            }
        }
        self.tally
    }

    /// Some seats, under a key of their own.
    fn request(&mut self) -> HoldRequest {
        let mut seat_nos: Vec<u32> = Vec::new();
        for _ in 0..=self.dice.below(self.wish.most_seats) {
            let seat = 1 + self.dice.below(self.seats);
            if !seat_nos.contains(&seat) {
                seat_nos.push(seat);
            }
        }
        HoldRequest {
            buyer: Some(user(&self.name)),
            concert_id: self.concert_id,
            schedule_id: self.schedule_id,
            seats: Some(Seats::Named(SeatNumbers { seat_nos })),
            idempotency_key: format!("attempt {}", self.tally.attempts),
            kept_answer_only: false,
        }
    }

    async fn pay(&mut self, hold: &Hold) {
        if self.dice.below(2) == 0 {
            let request: HoldKey = key(&self.name, hold);
            let paying = self.settle(|mut client| {
                let request = request.clone();
                async move { client.check_out(request).await }
            });
            if paying.await.is_err() {
                return;
            }
        }
        let request: ConfirmRequest = confirmation(&self.name, hold, &format!("order of {}", hold.hold_id));
        let sold = self.settle(|mut client| {
            let request = request.clone();
            async move { client.confirm(request).await }
        });
        let Ok(answer) = sold.await else { return };
        let sale = answer.sale.expect("a sale");
        self.tally.sales.insert(sale.sale_id.clone(), hold.hold_id.clone());
        if !self.wish.keep_sales || self.dice.below(4) == 0 {
            self.cancel(sale.sale_id).await;
        }
    }

    async fn cancel(&mut self, sale_id: String) {
        let request = SaleKey { buyer: Some(user(&self.name)), sale_id };
        let cancelled = self.settle(|mut client| {
            let request = request.clone();
            async move { client.cancel(request).await }
        });
        if cancelled.await.is_ok() {
            self.tally.cancelled.insert(request.sale_id);
        }
    }

    async fn release(&mut self, hold: &Hold) {
        let request: HoldKey = key(&self.name, hold);
        let released = self.settle(|mut client| {
            let request = request.clone();
            async move { client.release(request).await }
        });
        released.await.ok();
    }

    async fn extend(&mut self, hold: &Hold) {
        let request = ExtendRequest {
            buyer: Some(user(&self.name)),
            hold_id: hold.hold_id.clone(),
            idempotency_key: "extend ".to_owned() + &hold.hold_id,
        };
        let extended = self.settle(|mut client| {
            let request = request.clone();
            async move { client.extend(request).await }
        });
        extended.await.ok();
    }

    /// Asks until there is an answer, at either copy: whatever was done on the way was done once.
    async fn settle<T, F>(&mut self, call: impl Fn(SalesServiceClient<Channel>) -> F) -> Result<T, Status>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let asked_at = Instant::now();
        loop {
            assert!(asked_at.elapsed() < IN_DOUBT, "in doubt for too long");
            self.tally.calls += 1;
            let client = self.clients[self.dice.below(2) as usize].clone();
            match tokio::time::timeout(CALL, call(client)).await {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) if matches!(status.code(), Code::FailedPrecondition | Code::NotFound) => {
                    return Err(status);
                }
                Ok(Err(status)) => self.note(&status)?,
                Err(_) => self.tally.lost += 1,
            }
            tokio::time::sleep(Duration::from_millis(u64::from(20 + self.dice.below(60)))).await;
        }
    }

    /// What is no answer: a copy that is gone, a store that is away for now, or what should not be.
    fn note(&mut self, status: &Status) -> Result<(), Status> {
        if status.source().is_some() {
            self.tally.lost += 1;
        } else if status.get_details_retry_info().is_some() {
            self.tally.away += 1;
        } else {
            self.tally.wrong.push(format!("{status:?}"));
            return Err(status.clone());
        }
        Ok(())
    }
}
