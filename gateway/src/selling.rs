//! Holds and sales as the gateway speaks of them, whose they are, and who may have a new hold.
//!
//! The gateway keeps none of it: each value is what the catalog service said when it was asked. [`Selling::hold`] is
//! the one use case with a decision in it, since a new hold needs a session; whatever a buyer already holds is
//! between it and the catalog.

mod buyer;
mod hold;
mod key;
mod new_hold;
mod refusal;
mod sale;
mod written;

use std::sync::Arc;

use crate::{
    failure::Failure,
    identity::{Identity, IdentityError},
    rooms::{NotAdmitted, Rooms},
    upstream::SalesClient,
};

pub(crate) use buyer::BuyerClaim;
pub(crate) use hold::{HeldSeat, Hold, HoldAnswer, HoldState, Wanted, WantedSeats};
pub(crate) use key::IdempotencyKey;
pub(crate) use refusal::Refusal;
pub(crate) use sale::{Sale, SaleAnswer};
pub(crate) use written::Written;

/// Selling, for whoever has to answer a buyer.
pub(crate) struct Selling {
    rooms: Arc<Rooms>,
    identity: Identity,
    sales: SalesClient,
}

/// Why a buyer does not get what it asks for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum SellingError {
    /// It has no session where one is needed, or shows nothing to be known by.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
    /// Nobody knows who it is.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The catalog has no answer, or says no.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Selling {
    pub(crate) const fn new(rooms: Arc<Rooms>, identity: Identity, sales: SalesClient) -> Self {
        Self { rooms, identity, sales }
    }

    /// The catalog, for what needs no session.
    pub(crate) const fn sales(&self) -> &SalesClient {
        &self.sales
    }
}
