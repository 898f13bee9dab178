use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

/// Who has which seat as far as buyers were told: what the buyers of a night would find out at the door.
#[derive(Debug, Default)]
pub(super) struct Seats(Mutex<HashMap<(u64, u64), Owner>>);

/// Somebody who was told that a seat is its own.
#[derive(Clone, Debug)]
struct Owner {
    hold: String,
    /// RFC 3339, by the store's clock; absent once it is sold.
    until: Option<String>,
}

impl Seats {
    /// Notes a hold; the answer is what contradicts it.
    pub(super) fn held(&self, schedule: u64, hold: &Value) -> Vec<String> {
        let (id, held_at) = (text(hold, "holdId"), text(hold, "heldAt"));
        let mut owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut contradictions = Vec::new();
        for seat in numbers(hold) {
            let owner = Owner { hold: id.clone(), until: Some(text(hold, "endsAt")) };
            let Some(before) = owners.insert((schedule, seat), owner) else { continue };
            let is_over = before.until.as_deref().is_some_and(|until| !is_before(&held_at, until));
            if before.hold != id && !is_over {
                contradictions
                    .push(format!("seat {seat} of schedule {schedule} is of {} and of {id}", before.hold));
            }
        }
        contradictions
    }

    /// Notes until when a hold's seats are kept now; for ever where nothing is said.
    pub(super) fn kept_until(&self, schedule: u64, hold: &Value, until: Option<&str>) {
        let mut owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for seat in numbers(hold) {
            if let Some(owner) = owners.get_mut(&(schedule, seat)) {
                owner.until = until.map(str::to_owned);
            }
        }
    }

    /// Notes that seats are about to be given back: whoever has them from now on may.
    pub(super) fn given_back(&self, schedule: u64, hold: &Value) {
        let mut owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for seat in numbers(hold) {
            owners.remove(&(schedule, seat));
        }
    }
}

/// The seats of a hold or of a sale, by number.
pub(super) fn numbers(hold: &Value) -> Vec<u64> {
    let seats = hold["seats"].as_array().map(Vec::as_slice).unwrap_or_default();
    seats.iter().filter_map(|seat| seat["seatId"].as_u64()).collect()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// Instants are UTC: without the letter at their end, a shorter fraction sorts before a longer one.
fn is_before(one: &str, other: &str) -> bool {
    one.trim_end_matches('Z') < other.trim_end_matches('Z')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hold(id: &str, from: &str, until: &str) -> Value {
        json!({"holdId": id, "heldAt": from, "endsAt": until, "seats": [{"seatId": 7}, {"seatId": 8}]})
    }

    #[test]
    fn two_owners_of_a_seat_contradict_each_other() {
        let seats = Seats::default();
        assert!(seats.held(1, &hold("a", "2026-01-01T00:00:00Z", "2026-01-01T00:10:00.5Z")).is_empty());
        assert!(seats.held(2, &hold("b", "2026-01-01T00:01:00Z", "2026-01-01T00:11:00Z")).is_empty());
        assert!(
            seats.held(1, &hold("a", "2026-01-01T00:00:00Z", "2026-01-01T00:10:00.5Z")).is_empty(),
            "told again"
        );
        let early = hold("c", "2026-01-01T00:10:00.49Z", "2026-01-01T00:20:00Z");
        assert_eq!(seats.held(1, &early).len(), 2);
    }

    #[test]
    fn seats_change_hands_at_the_end_of_a_hold_and_when_given_back() {
        let seats = Seats::default();
        let first = hold("a", "2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z");
        seats.held(1, &first);
        let second = hold("b", "2026-01-01T00:10:00Z", "2026-01-01T00:20:00Z");
        assert!(seats.held(1, &second).is_empty());
        seats.kept_until(1, &second, None);
        let late = hold("c", "2027-01-01T00:00:00Z", "2027-01-01T00:10:00Z");
        assert_eq!(seats.held(1, &late).len(), 2, "what is sold has no end");
        seats.given_back(1, &late);
        assert!(seats.held(1, &first).is_empty());
    }
}
