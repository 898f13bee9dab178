//! A buyer of seats of the first concert's first schedule.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{answer::Answer, api::Api};

pub(crate) const HOLDS: &str = "/api/concerts/1/schedules/1/holds";
pub(crate) const SEATS: &str = "/api/concerts/1/schedules/1/seats";

/// Someone with a token, at a gateway.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) api: Api,
    pub(crate) token: String,
}

impl Shop {
    pub(crate) fn new(api: Api, token: String) -> Self {
        Self { api, token }
    }

    /// The seats that are free.
    pub(crate) async fn free(&self) -> Vec<u64> {
        self.free_in(SEATS).await
    }

    /// The seats that are free once what an answer says was written is seen.
    pub(crate) async fn free_after(&self, answer: &Value) -> Vec<u64> {
        let version = answer["version"].as_str().unwrap_or_else(|| panic!("nothing was written: {answer}"));
        self.free_in(&format!("{SEATS}?atLeast={version}")).await
    }

    async fn free_in(&self, path: &str) -> Vec<u64> {
        seat_ids(&self.api.seats(|api| api.with(Method::GET, path, &self.token)).await)
    }

    pub(crate) async fn hold(&self, seats: &[u64]) -> Answer {
        self.hold_as(&json!({ "seatIds": seats }), None).await
    }

    pub(crate) async fn hold_keyed(&self, seats: &[u64], key: &str) -> Answer {
        self.hold_as(&json!({ "seatIds": seats }), Some(key)).await
    }

    pub(crate) async fn hold_as(&self, body: &Value, key: Option<&str>) -> Answer {
        let mut request = self.api.with(Method::POST, HOLDS, &self.token).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        Answer::to(request).await
    }

    /// The ids of the live holds.
    pub(crate) async fn holds(&self) -> Vec<Value> {
        let list = self.api.get_with("/api/holds", &self.token).await.is(200);
        list["holds"].as_array().unwrap().iter().map(|hold| hold["holdId"].clone()).collect()
    }

    pub(crate) async fn get(&self, hold: &Value) -> Answer {
        self.api.get_with(&path(hold), &self.token).await
    }

    /// An extension or a check-out.
    pub(crate) async fn step(&self, hold: &Value, step: &str, key: Option<&str>) -> Answer {
        let mut request = self.api.with(Method::POST, &format!("{}/{step}", path(hold)), &self.token);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        Answer::to(request).await
    }

    pub(crate) async fn confirm(&self, hold: &Value, order: &str) -> Answer {
        let request = self.api.with(Method::POST, &format!("{}/confirmation", path(hold)), &self.token);
        Answer::to(request.json(&json!({ "orderRef": order }))).await
    }

    pub(crate) async fn release(&self, hold: &Value) -> Answer {
        Answer::to(self.api.with(Method::DELETE, &path(hold), &self.token)).await
    }

    pub(crate) async fn sale(&self, sale: &Value) -> Answer {
        self.api.get_with(&sale_path(sale), &self.token).await
    }

    pub(crate) async fn cancel(&self, sale: &Value) -> Answer {
        Answer::to(self.api.with(Method::DELETE, &sale_path(sale), &self.token)).await
    }
}

/// The seats of a list, a hold or a sale.
pub(crate) fn seat_ids(of: &Value) -> Vec<u64> {
    of["seats"].as_array().unwrap().iter().map(|seat| seat["seatId"].as_u64().unwrap()).collect()
}

fn path(hold: &Value) -> String {
    format!("/api/holds/{}", hold["holdId"].as_str().unwrap_or_else(|| panic!("no hold: {hold}")))
}

fn sale_path(sale: &Value) -> String {
    format!("/api/sales/{}", sale["saleId"].as_str().unwrap_or_else(|| panic!("no sale: {sale}")))
}
