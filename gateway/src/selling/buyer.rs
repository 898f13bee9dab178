use onsale_token::UserId;

use super::{Selling, SellingError};
use crate::{
    identity::IdentityError,
    rooms::{NotAdmitted, Presented},
};

/// Who somebody says to be that holds, or wants to.
#[derive(Debug)]
pub(crate) struct BuyerClaim {
    /// The queue token, if one is shown.
    pub(crate) presented: Presented,
    /// The user's own access token, where such are taken.
    pub(crate) access_token: Option<String>,
    /// The user that the request names.
    pub(crate) named: Option<UserId>,
}

impl BuyerClaim {
    /// The user that a valid queue token speaks for, of whichever room and epoch: it was given to that user, and what
    /// the user holds outlives the session. A request that names another user as well is nobody's.
    pub(super) fn shown_user(&self) -> Result<Option<UserId>, IdentityError> {
        let Presented::Token(shown) = &self.presented else { return Ok(None) };
        let is_same = self.named.as_ref().is_none_or(|named| *named == shown.token.user);
        if is_same { Ok(Some(shown.token.user.clone())) } else { Err(IdentityError::UserMismatch) }
    }
}

impl Selling {
    /// Whose holds and sales are meant. A name alone will not do here, as it does for joining: whoever guesses one
    /// would see what that user bought.
    pub(crate) async fn holder(&self, claim: &BuyerClaim) -> Result<UserId, SellingError> {
        if let Some(user) = claim.shown_user()? {
            return Ok(user);
        }
        if self.identity.takes_access_tokens() && claim.access_token.is_some() {
            return self.named_user(claim).await;
        }
        Err(match claim.presented {
            Presented::Nothing => NotAdmitted::TokenMissing,
            Presented::Invalid | Presented::Token(_) => NotAdmitted::TokenInvalid,
        }
        .into())
    }

    /// The user that a buyer without a queue token is, as for joining.
    pub(super) async fn named_user(&self, claim: &BuyerClaim) -> Result<UserId, SellingError> {
        match self.identity.identify(claim.named.clone(), claim.access_token.as_deref()).await {
            Ok(user) => Ok(user),
            // Something was shown, and is more likely to be what is wrong than the name that was left out.
            Err(IdentityError::UserMissing) if matches!(claim.presented, Presented::Invalid) => {
                Err(NotAdmitted::TokenInvalid.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}
