use std::{sync::Arc, time::Duration};

use onsale_proto::catalog::v1 as pb;
use onsale_token::UserId;
use pb::sales_service_client::SalesServiceClient;
use uuid::Uuid;

use crate::{
    failure::Failure,
    selling::{Hold, HoldAnswer, IdempotencyKey, SaleAnswer, Wanted},
    upstream::copies::{Copies, Repeat, Terms},
};

mod messages;
mod refusal;

pub(super) use refusal::refusal;

/// Holds and sales, over any copy of the catalog.
///
/// What is the same once and twice, by itself or by its key, may be sent again wherever it did not come back. The
/// rest is sent again only where it surely did not arrive.
pub(crate) struct SalesClient {
    copies: Arc<Copies>,
    deadline: Duration,
}

impl SalesClient {
    pub(crate) const fn new(copies: Arc<Copies>, deadline: Duration) -> Self {
        Self { copies, deadline }
    }

    /// Keeps seats for a buyer.
    pub(crate) async fn hold(
        &self,
        buyer: &UserId,
        wanted: Wanted,
        key: Option<&IdempotencyKey>,
    ) -> Result<HoldAnswer, Failure> {
        self.send_hold(messages::hold_request(buyer, wanted, key, false), key).await
    }

    /// The hold that was answered under a key before.
    pub(crate) async fn kept_hold(
        &self,
        buyer: &UserId,
        wanted: Wanted,
        key: &IdempotencyKey,
    ) -> Result<HoldAnswer, Failure> {
        self.send_hold(messages::hold_request(buyer, wanted, Some(key), true), Some(key)).await
    }

    async fn send_hold(
        &self,
        request: pb::HoldRequest,
        key: Option<&IdempotencyKey>,
    ) -> Result<HoldAnswer, Failure> {
        let send = |channel, request| async move { SalesServiceClient::new(channel).hold(request).await };
        messages::hold_answer(self.copies.call(self.keyed(key), request, send).await?)
    }

    /// A hold of the buyer's as it stands.
    pub(crate) async fn get_hold(&self, buyer: &UserId, hold: Uuid) -> Result<HoldAnswer, Failure> {
        let send = |channel, request| async move { SalesServiceClient::new(channel).get_hold(request).await };
        let request = messages::hold_key(buyer, hold, None);
        messages::hold_answer(self.copies.call(self.terms(Repeat::Once), request, send).await?)
    }

    /// The buyer's live holds, the soonest to end first.
    pub(crate) async fn list_holds(&self, buyer: &UserId) -> Result<Vec<Hold>, Failure> {
        let send =
            |channel, request| async move { SalesServiceClient::new(channel).list_holds(request).await };
        let request = pb::ListHoldsRequest { buyer: Some(messages::buyer(buyer)) };
        let response = self.copies.call(self.terms(Repeat::Once), request, send).await?;
        response.holds.into_iter().map(messages::hold).collect()
    }

    /// Moves the end of a hold. Twice is not once: the second moves it further.
    pub(crate) async fn extend(
        &self,
        buyer: &UserId,
        hold: Uuid,
        key: Option<&IdempotencyKey>,
    ) -> Result<HoldAnswer, Failure> {
        let send = |channel, request| async move { SalesServiceClient::new(channel).extend(request).await };
        let request = messages::extend_request(buyer, hold, key);
        messages::hold_answer(self.copies.call(self.keyed(key), request, send).await?)
    }

    /// Begins payment.
    pub(crate) async fn check_out(
        &self,
        buyer: &UserId,
        hold: Uuid,
        key: Option<&IdempotencyKey>,
    ) -> Result<HoldAnswer, Failure> {
        let send =
            |channel, request| async move { SalesServiceClient::new(channel).check_out(request).await };
        let request = messages::hold_key(buyer, hold, key);
        messages::hold_answer(self.copies.call(self.terms(Repeat::Once), request, send).await?)
    }

    /// Sells the seats of a hold.
    pub(crate) async fn confirm(
        &self,
        buyer: &UserId,
        hold: Uuid,
        order_ref: String,
        key: Option<&IdempotencyKey>,
    ) -> Result<SaleAnswer, Failure> {
        let send = |channel, request| async move { SalesServiceClient::new(channel).confirm(request).await };
        let request = messages::confirm_request(buyer, hold, order_ref, key);
        messages::sale_answer(self.copies.call(self.terms(Repeat::Once), request, send).await?)
    }

    /// Gives the seats of a hold back.
    pub(crate) async fn release(
        &self,
        buyer: &UserId,
        hold: Uuid,
        key: Option<&IdempotencyKey>,
    ) -> Result<HoldAnswer, Failure> {
        let send = |channel, request| async move { SalesServiceClient::new(channel).release(request).await };
        let request = messages::hold_key(buyer, hold, key);
        messages::hold_answer(self.copies.call(self.terms(Repeat::Once), request, send).await?)
    }

    /// A sale of the buyer's as it stands.
    pub(crate) async fn get_sale(&self, buyer: &UserId, sale: Uuid) -> Result<SaleAnswer, Failure> {
        let send = |channel, request| async move { SalesServiceClient::new(channel).get_sale(request).await };
        let request = messages::sale_key(buyer, sale);
        messages::sale_answer(self.copies.call(self.terms(Repeat::Once), request, send).await?)
    }

    /// Takes a sale back.
    pub(crate) async fn cancel(&self, buyer: &UserId, sale: Uuid) -> Result<SaleAnswer, Failure> {
        let send = |channel, request| async move { SalesServiceClient::new(channel).cancel(request).await };
        let request = messages::sale_key(buyer, sale);
        messages::sale_answer(self.copies.call(self.terms(Repeat::Once), request, send).await?)
    }

    const fn keyed(&self, key: Option<&IdempotencyKey>) -> Terms {
        self.terms(if key.is_some() { Repeat::Once } else { Repeat::Unsent })
    }

    const fn terms(&self, repeat: Repeat) -> Terms {
        Terms { deadline: self.deadline, repeat }
    }
}
