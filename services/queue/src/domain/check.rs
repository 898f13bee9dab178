//! Whether a room is as it has to be: I1 to I4, on what the store holds of it.

use std::collections::{HashMap, HashSet};

/// What a store holds of a room at one instant. Users are hashes, instants milliseconds by the store's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomFacts {
    /// When this was so.
    pub now_ms: u64,
    /// The last number issued.
    pub seq: u64,
    /// The highest number called.
    pub serving: u64,
    /// The numbers up to here are out of their claim window.
    pub floor: u64,
    /// At most so many sessions.
    pub capacity: u64,
    /// How many numbers above serving are claimed.
    pub claimed_above_serving: u64,
    /// The sessions, ended ones included that nobody has cleared away yet.
    pub sessions: Vec<SessionFacts>,
    /// First and last of each range of numbers whose records a loss in the store took.
    pub lost: Vec<(u64, u64)>,
    /// Values of serving with when each was reached, by the room's clock; rising.
    pub history: Vec<(u64, u64)>,
    /// Each user on record, with its number; read before the rest.
    pub users: Vec<(String, u64)>,
    /// The last number issued before they were read.
    pub seq_before: u64,
}

/// A session as the store holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// The number that was claimed.
    pub number: u64,
    /// When the lease ends.
    pub lease_end_ms: u64,
    /// Whose it is; empty where nobody is recorded.
    pub user: String,
    /// Its id; empty where nobody is recorded.
    pub id: String,
    /// Whether the number is marked as claimed.
    pub claimed: bool,
}

/// What was looked at for an invariant, and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `I1` to `I4`.
    pub invariant: &'static str,
    /// What has to be so.
    pub says: &'static str,
    /// How many things were looked at.
    pub checked: usize,
    /// Each thing that is not so.
    pub broken: Vec<String>,
}

impl Finding {
    const fn new(invariant: &'static str, says: &'static str, checked: usize) -> Self {
        Self { invariant, says, checked, broken: Vec::new() }
    }

    fn require(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(otherwise());
        }
    }
}

impl RoomFacts {
    /// What is to be said of each invariant.
    #[must_use]
    pub fn findings(&self) -> [Finding; 4] {
        [self.one_number_one_user(), self.serving_in_bounds(), self.within_capacity(), self.claimed_once()]
    }

    fn live(&self) -> impl Iterator<Item = &SessionFacts> {
        self.sessions.iter().filter(|session| session.lease_end_ms > self.now_ms)
    }

    fn is_lost(&self, number: u64) -> bool {
        self.lost.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }

    /// Two users on one number can only come of a loss, and only on a number that was lost.
    fn one_number_one_user(&self) -> Finding {
        let says = "a number is one user's, and a user has one live place";
        let mut finding = Finding::new("I1", says, self.users.len());
        let mut owners: HashMap<u64, &str> = HashMap::with_capacity(self.users.len());
        let records: HashMap<&str, u64> =
            self.users.iter().map(|(user, number)| (user.as_str(), *number)).collect();
        for (user, number) in &self.users {
            finding.require((1..=self.seq).contains(number), || format!("number {number} was never issued"));
            let other = owners.insert(*number, user);
            finding.require(other.is_none() || self.is_lost(*number), || {
                format!("number {number} has two users")
            });
        }
        let mut holders = HashSet::new();
        for session in self.live().filter(|session| !session.user.is_empty()) {
            let number = session.number;
            finding.require(holders.insert(&session.user), || {
                format!("number {number}: its user has another session")
            });
            let recorded = records.get(session.user.as_str()).copied();
            let is_new = recorded.is_none() && number > self.seq_before;
            finding.require(recorded == Some(number) || is_new || self.is_lost(number), || {
                format!("the user of session {number} has {recorded:?} on record")
            });
        }
        finding
    }

    fn serving_in_bounds(&self) -> Finding {
        let Self { seq, serving, floor, .. } = *self;
        let mut finding = Finding::new(
            "I2",
            "floor ≤ serving ≤ last number, and serving only rose",
            self.history.len() + 1,
        );
        finding.require(floor <= serving, || format!("floor {floor} is above serving {serving}"));
        finding.require(serving <= seq, || format!("serving {serving} is ahead of the last number {seq}"));
        for pair in self.history.windows(2) {
            let rose = pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
            finding.require(rose, || format!("serving went from {:?} to {:?}", pair[0], pair[1]));
        }
        let reached = self.history.last().map_or(0, |(reached, _)| *reached);
        finding.require(reached <= serving, || format!("serving {serving} was {reached} before"));
        finding
    }

    fn within_capacity(&self) -> Finding {
        let (live, capacity) = (self.live().count(), self.capacity);
        let mut finding = Finding::new("I3", "no more sessions than capacity", live);
        let fits = u64::try_from(live).is_ok_and(|live| live <= capacity);
        finding.require(fits, || format!("{live} sessions, of at most {capacity}"));
        finding
    }

    fn claimed_once(&self) -> Finding {
        let above = self.claimed_above_serving;
        let mut finding =
            Finding::new("I4", "who has a session was called, and claimed once", self.sessions.len());
        finding.require(above == 0, || format!("{above} numbers were claimed before they were called"));
        let mut ids = HashSet::new();
        for session in &self.sessions {
            let number = session.number;
            finding.require(session.claimed, || format!("session {number} was not claimed"));
            finding.require(number <= self.serving, || format!("session {number} was not called"));
            finding.require(!session.id.is_empty(), || format!("session {number} has no record"));
            finding.require(ids.insert(&session.id), || format!("session {number} has another one's id"));
        }
        finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(number: u64, user: &str) -> SessionFacts {
        let (user, id) = (user.to_owned(), format!("id {number}"));
        SessionFacts { number, lease_end_ms: 2_000, user, id, claimed: true }
    }

    /// Three of five numbers called, two of them in.
    fn well() -> RoomFacts {
        RoomFacts {
            now_ms: 1_000,
            seq: 5,
            seq_before: 5,
            serving: 3,
            floor: 1,
            capacity: 2,
            claimed_above_serving: 0,
            sessions: vec![session(1, "ada"), session(2, "bob")],
            lost: Vec::new(),
            history: vec![(1, 100), (3, 900)],
            users: (1..=5)
                .map(|number| (["ada", "bob", "eve", "joe", "kim"][number - 1].to_owned(), number as u64))
                .collect(),
        }
    }

    /// Which invariants are broken after that change.
    fn broken_by(change: impl FnOnce(&mut RoomFacts)) -> Vec<&'static str> {
        let mut facts = well();
        change(&mut facts);
        let findings = facts.findings();
        findings
            .iter()
            .filter(|finding| !finding.broken.is_empty())
            .map(|finding| finding.invariant)
            .collect()
    }

    #[test]
    fn a_room_that_is_well_is_found_well() {
        assert_eq!(broken_by(|_| {}), [] as [&str; 0]);
        assert_eq!(well().findings().map(|finding| finding.checked), [5, 3, 2, 2]);
    }

    #[test]
    fn each_break_is_found() {
        assert_eq!(broken_by(|facts| facts.users[4].1 = 4), ["I1"]);
        assert_eq!(broken_by(|facts| facts.users[4].1 = 6), ["I1"]);
        assert_eq!(broken_by(|facts| facts.users[0].1 = 5), ["I1"]);
        assert_eq!(broken_by(|facts| facts.sessions[1].user = "ada".to_owned()), ["I1"]);
        assert_eq!(broken_by(|facts| drop(facts.users.remove(0))), ["I1"]);
        assert_eq!(broken_by(|facts| facts.floor = 4), ["I2"]);
        assert_eq!(broken_by(|facts| facts.seq = 2), ["I1", "I2"]);
        assert_eq!(broken_by(|facts| facts.history = vec![(3, 100), (2, 900)]), ["I2"]);
        assert_eq!(broken_by(|facts| facts.history = vec![(4, 100)]), ["I2"]);
        assert_eq!(broken_by(|facts| facts.capacity = 1), ["I3"]);
        assert_eq!(broken_by(|facts| facts.claimed_above_serving = 1), ["I4"]);
        assert_eq!(broken_by(|facts| facts.sessions[0].claimed = false), ["I4"]);
        assert_eq!(broken_by(|facts| facts.sessions[1].id = "id 1".to_owned()), ["I4"]);
        assert_eq!(broken_by(|facts| facts.sessions[1].id = String::new()), ["I4"]);
    }

    #[test]
    fn who_came_after_users_were_read_is_not_missed() {
        let came_since = |facts: &mut RoomFacts| {
            facts.users.remove(1);
            facts.seq_before = 1;
        };
        assert_eq!(broken_by(came_since), [] as [&str; 0]);
    }

    #[test]
    fn what_is_over_takes_no_slot() {
        let ended = |facts: &mut RoomFacts| {
            facts.capacity = 1;
            facts.sessions[0].lease_end_ms = 1_000;
        };
        assert_eq!(broken_by(ended), [] as [&str; 0]);
    }

    #[test]
    fn two_users_on_one_number_may_come_of_a_loss() {
        let lost = |facts: &mut RoomFacts| {
            facts.users[4].1 = 4;
            facts.lost = vec![(4, 9)];
        };
        assert_eq!(broken_by(lost), [] as [&str; 0]);
    }
}
