use std::sync::Arc;

use super::{SalesError, SeatingPlans};
use crate::{
    domain::{
        Buyer, ConcertId, HoldAnswer, HoldTimes, Keyed, LayoutId, Party, Picker, Refusal, ScheduleId,
        SeatingPlan, Section, Subject,
    },
    store::{BestAvailableStore, HoldPicked, HoldSeats},
};

/// How often seats are picked beside others who pick, before it is done in turn.
const TRIES: usize = 3;

/// Seats that the house picks for a buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldBest {
    /// Who buys.
    pub buyer: Buyer,
    /// The concert that the schedule has to be of.
    pub concert: ConcertId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// How many seats.
    pub count: usize,
    /// Only of this tier.
    pub tier: Option<String>,
    /// Only in this part of the hall.
    pub section: Option<Section>,
    /// Accessible seats only; otherwise none of them.
    pub accessible: bool,
    /// The key that this is asked under.
    pub keyed: Option<Keyed>,
}

/// Keeps the best available seats for the buyer. `dice` is any number, thrown anew for each call: a crowd that asks at
/// once is spread by it.
pub async fn hold_best(
    store: &dyn BestAvailableStore,
    plans: &SeatingPlans,
    times: HoldTimes,
    request: HoldBest,
    dice: u64,
) -> Result<HoldAnswer, SalesError> {
    let mut picker: Option<Picker> = None;
    for _ in 0..TRIES {
        let standing = store.standing(request.concert, request.schedule).await?;
        let standing = standing.ok_or(SalesError::NotFound(Subject::Schedule))?;
        let picker = match &mut picker {
            Some(picker) => picker,
            none => none.insert(of_hall(store, plans, standing.layout, &request, dice).await?),
        };
        let Some(seats) = picker.pick(standing.states) else { break };
        match store.hold_picked(request.hold(times, seats)).await {
            Err(SalesError::Refused(Refusal::SeatsTaken(taken))) => picker.lose(&taken),
            outcome => return outcome,
        }
    }
    let picker = picker.ok_or(SalesError::NotFound(Subject::Schedule))?;
    store.pick_in_turn(request.in_turn(times), picker).await
}

async fn of_hall(
    store: &dyn BestAvailableStore,
    plans: &SeatingPlans,
    layout: LayoutId,
    request: &HoldBest,
    dice: u64,
) -> Result<Picker, SalesError> {
    let plan = plans.of(store, layout).await?;
    let party = request.party(&plan)?;
    Ok(Picker::new(plan, party, dice))
}

impl HoldBest {
    /// The party in a hall; none where the hall has no such tier.
    fn party(&self, plan: &Arc<SeatingPlan>) -> Result<Option<Party>, SalesError> {
        let section = match &self.section {
            Some(section) => {
                Some(plan.section(section.as_str()).ok_or(SalesError::NotFound(Subject::Section))?)
            }
            None => None,
        };
        let tier = match &self.tier {
            Some(tier) => match plan.tier(tier) {
                Some(tier) => Some(tier),
                None => return Ok(None),
            },
            None => None,
        };
        Ok(Some(Party { count: self.count, tier, section, accessible: self.accessible }))
    }

    fn hold(&self, times: HoldTimes, seats: crate::domain::SeatNumbers) -> HoldSeats {
        HoldSeats {
            buyer: self.buyer.clone(),
            keyed: self.keyed.clone(),
            concert: self.concert,
            schedule: self.schedule,
            seats,
            hold: times.hold(),
            cap: times.cap(),
        }
    }

    fn in_turn(self, times: HoldTimes) -> HoldPicked {
        HoldPicked {
            buyer: self.buyer,
            keyed: self.keyed,
            concert: self.concert,
            schedule: self.schedule,
            section: self.section,
            hold: times.hold(),
            cap: times.cap(),
        }
    }
}
