use onsale_token::UserId;

use super::{BuyerClaim, HoldAnswer, IdempotencyKey, Selling, SellingError, Wanted};
use crate::{failure::Failure, rooms::NotAdmitted};

impl Selling {
    /// Keeps seats for a buyer. Behind a room in force its session is renewed by this, and the hold refused where
    /// the session is gone; behind a room that is off a buyer names itself.
    ///
    /// A request that was answered once gets that answer again, whatever has become of the session since: the seats
    /// are the buyer's, and a retry must not be told that there are none.
    pub(crate) async fn hold(
        &self,
        claim: &BuyerClaim,
        wanted: Wanted,
        key: Option<&IdempotencyKey>,
    ) -> Result<HoldAnswer, SellingError> {
        let shown = claim.shown_user()?;
        let admitted = self.rooms.admit_buyer(wanted.concert, &claim.presented).await;
        match (admitted, shown, key) {
            (Ok(()), Some(user), key) => Ok(self.sales.hold(&user, wanted, key).await?),
            (Ok(()), None, key) => {
                let user = self.named_user(claim).await?;
                Ok(self.sales.hold(&user, wanted, key).await?)
            }
            (Err(refused), Some(user), Some(key)) => self.kept(&user, wanted, key, refused).await,
            (Err(refused), _, _) => Err(refused.into()),
        }
    }

    /// The answer that was given under the key, or else the refusal. Where nobody can tell whether there is one,
    /// that is said: a refusal would be taken for the last word.
    async fn kept(
        &self,
        user: &UserId,
        wanted: Wanted,
        key: &IdempotencyKey,
        refused: NotAdmitted,
    ) -> Result<HoldAnswer, SellingError> {
        match self.sales.kept_hold(user, wanted, key).await {
            Ok(answer) => Ok(answer),
            Err(Failure::NotFound { .. }) => Err(refused.into()),
            Err(failure) => Err(failure.into()),
        }
    }
}
