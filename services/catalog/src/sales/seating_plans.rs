use std::{fmt, sync::Arc};

use moka::future::Cache;

use super::SalesError;
use crate::{
    domain::{LayoutId, SeatingPlan, Subject},
    store::{BestAvailableStore, StoreError},
};

/// So many halls are kept arranged. A hall never changes, so none is ever out of date; one of 100,000 seats takes about
/// 2 MB.
const HALLS: u64 = 64;

/// Halls, arranged for picking.
#[derive(Clone)]
pub struct SeatingPlans(Cache<LayoutId, Arc<SeatingPlan>>);

impl SeatingPlans {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Cache::new(HALLS))
    }

    /// A hall. Who asks first has it arranged, and who asks meanwhile waits for that.
    ///
    /// # Errors
    /// There is no such hall, or the store does not answer.
    pub async fn of(
        &self,
        store: &dyn BestAvailableStore,
        layout: LayoutId,
    ) -> Result<Arc<SeatingPlan>, SalesError> {
        if let Some(plan) = self.0.get(&layout).await {
            return Ok(plan);
        }
        let arrange = async {
            let plan = store.seating_plan(layout).await?;
            plan.map(Arc::new).ok_or(SalesError::NotFound(Subject::Layout))
        };
        self.0.try_get_with(layout, arrange).await.map_err(shared)
    }
}

impl Default for SeatingPlans {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SeatingPlans {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SeatingPlans").finish_non_exhaustive()
    }
}

/// A failure that several have waited for.
fn shared(error: Arc<SalesError>) -> SalesError {
    let kind = match &*error {
        SalesError::Store(StoreError::Away(_)) => StoreError::Away,
        SalesError::Store(StoreError::Busy(_)) => StoreError::Busy,
        SalesError::Store(StoreError::Broken(_))
        | SalesError::NotFound(_)
        | SalesError::UnknownSeats(_)
        | SalesError::Refused(_) => StoreError::Broken,
    };
    kind(Box::new(error)).into()
}
