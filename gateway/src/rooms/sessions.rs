use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, ops::compute::Op, sync::Cache};
use onsale_token::UserId;

use crate::{clock, rooms::Session};

/// How long to remember that a number is over: longer than any call that could still tell of its session, and as
/// long as somebody who left may look again.
const TOMBSTONE: Duration = Duration::from_mins(10);

/// Sessions that the queue told this gateway of, until their leases end. Bounded: what is forgotten is asked again.
#[derive(Debug)]
pub(crate) struct Sessions {
    entries: Cache<SessionKey, Entry>,
}

/// A number under one generation of its room: an epoch between two gaps in revocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SessionKey {
    pub(crate) generation: u64,
    pub(crate) number: u64,
}

#[derive(Clone, Debug)]
enum Entry {
    Live(Arc<Remembered>),
    /// The session ended early, or the number was left in line. It is claimed once or never, and has no other.
    Over,
}

/// A session as the queue told it.
#[derive(Debug)]
pub(crate) struct Remembered {
    user: UserId,
    id: String,
    expires_at_ms: AtomicI64,
    /// From when on activity is to be passed on.
    renew_at_ms: AtomicI64,
}

impl Remembered {
    /// The session, as far as this gateway knows.
    pub(crate) fn session(&self) -> Session {
        Session { id: self.id.clone(), expires_at_ms: self.expires_at_ms.load(Ordering::Relaxed) }
    }

    /// Whether activity at `now_ms` is to be passed on; says so once, and again not before `renew_after`.
    pub(crate) fn take_renewal(&self, now_ms: i64, renew_after: Duration) -> bool {
        let due = self.renew_at_ms.load(Ordering::Relaxed);
        now_ms >= due
            && self
                .renew_at_ms
                .compare_exchange(due, later(now_ms, renew_after), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Activity could not be passed on, and is to be again `after` now.
    pub(crate) fn renew_again(&self, now_ms: i64, after: Duration) {
        self.renew_at_ms.fetch_min(later(now_ms, after), Ordering::Relaxed);
    }
}

impl Sessions {
    /// At most `most` sessions.
    pub(crate) fn new(most: u64) -> Self {
        Self { entries: Cache::builder().max_capacity(most).expire_after(UntilLeaseEnd).build() }
    }

    /// The user's session, if it is remembered and its lease has not ended by `now_ms`.
    ///
    /// A number can have two users after a loss in the store; the session is only one's.
    pub(crate) fn get(&self, key: SessionKey, user: &UserId, now_ms: i64) -> Option<Arc<Remembered>> {
        match self.entries.get(&key)? {
            Entry::Live(session)
                if session.user == *user && session.expires_at_ms.load(Ordering::Relaxed) > now_ms =>
            {
                Some(session)
            }
            Entry::Live(_) | Entry::Over => None,
        }
    }

    /// Remembers what the queue told, unless the session has been revoked in the meantime.
    pub(crate) fn remember(
        &self,
        key: SessionKey,
        user: &UserId,
        session: &Session,
        (now_ms, renew_after): (i64, Duration),
    ) {
        let fresh = || Remembered {
            user: user.clone(),
            id: session.id.clone(),
            expires_at_ms: AtomicI64::new(session.expires_at_ms),
            renew_at_ms: AtomicI64::new(later(now_ms, renew_after)),
        };
        self.entries.entry(key).and_compute_with(|entry| match entry.map(moka::Entry::into_value) {
            Some(Entry::Over) => Op::Nop,
            Some(Entry::Live(known)) if known.id == session.id => {
                Op::Put(moved(known, session.expires_at_ms))
            }
            Some(Entry::Live(_)) | None => Op::Put(Entry::Live(Arc::new(fresh()))),
        });
    }

    /// Moves the end of a remembered session.
    pub(crate) fn renewed(&self, key: SessionKey, session: &Session) {
        self.entries.entry(key).and_compute_with(|entry| match entry.map(moka::Entry::into_value) {
            Some(Entry::Live(known)) if known.id == session.id => {
                Op::Put(moved(known, session.expires_at_ms))
            }
            Some(Entry::Live(_) | Entry::Over) | None => Op::Nop,
        });
    }

    /// Whether the number is known to be over.
    pub(crate) fn is_over(&self, key: SessionKey) -> bool {
        matches!(self.entries.get(&key), Some(Entry::Over))
    }

    /// The number is over.
    pub(crate) fn end(&self, key: SessionKey) {
        self.entries.insert(key, Entry::Over);
    }
}

fn moved(session: Arc<Remembered>, expires_at_ms: i64) -> Entry {
    session.expires_at_ms.fetch_max(expires_at_ms, Ordering::Relaxed);
    Entry::Live(session)
}

fn later(now_ms: i64, by: Duration) -> i64 {
    now_ms.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

/// Frees the memory of sessions whose leases have ended.
struct UntilLeaseEnd;

impl UntilLeaseEnd {
    fn lifetime(entry: &Entry) -> Duration {
        match entry {
            Entry::Live(session) => {
                let left_ms = session.expires_at_ms.load(Ordering::Relaxed) - clock::now_ms();
                Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))
            }
            Entry::Over => TOMBSTONE,
        }
    }
}

impl Expiry<SessionKey, Entry> for UntilLeaseEnd {
    fn expire_after_create(&self, _: &SessionKey, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(Self::lifetime(entry))
    }

    fn expire_after_update(
        &self,
        _: &SessionKey,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::lifetime(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SessionKey = SessionKey { generation: 1, number: 7 };
    const RENEW: Duration = Duration::from_secs(10);

    fn user(name: &str) -> UserId {
        UserId::new(name).unwrap()
    }

    fn session(expires_in_s: i64) -> Session {
        Session { id: "s1".to_owned(), expires_at_ms: clock::now_ms() + expires_in_s * 1_000 }
    }

    fn remembering(expires_in_s: i64) -> Sessions {
        let sessions = Sessions::new(100);
        sessions.remember(KEY, &user("ada"), &session(expires_in_s), (clock::now_ms(), RENEW));
        sessions
    }

    #[test]
    fn a_session_is_its_users_until_its_lease_ends() {
        let sessions = remembering(60);
        let now = clock::now_ms();
        assert_eq!(sessions.get(KEY, &user("ada"), now).unwrap().session().id, "s1");
        assert!(sessions.get(KEY, &user("bob"), now).is_none());
        assert!(sessions.get(KEY, &user("ada"), now + 61_000).is_none());
        let later_generation = SessionKey { generation: 2, ..KEY };
        assert!(sessions.get(later_generation, &user("ada"), now).is_none());
    }

    #[test]
    fn an_answer_that_was_on_its_way_does_not_bring_a_revoked_session_back() {
        let sessions = Sessions::new(100);
        assert!(!sessions.is_over(KEY));
        sessions.end(KEY);
        assert!(sessions.is_over(KEY));
        sessions.remember(KEY, &user("ada"), &session(60), (clock::now_ms(), RENEW));
        assert!(sessions.get(KEY, &user("ada"), clock::now_ms()).is_none());
    }

    #[test]
    fn renewal_moves_the_end() {
        let sessions = remembering(60);
        sessions.renewed(KEY, &session(120));
        assert!(sessions.get(KEY, &user("ada"), clock::now_ms() + 90_000).is_some());
        sessions.renewed(SessionKey { number: 8, ..KEY }, &session(120));
        assert!(sessions.get(SessionKey { number: 8, ..KEY }, &user("ada"), 0).is_none());
    }

    #[test]
    fn activity_is_passed_on_once_a_renewal_interval() {
        let sessions = remembering(60);
        let now = clock::now_ms();
        let remembered = sessions.get(KEY, &user("ada"), now).unwrap();
        assert!(!remembered.take_renewal(now + 9_000, RENEW));
        assert!(remembered.take_renewal(now + 10_500, RENEW));
        assert!(!remembered.take_renewal(now + 10_500, RENEW));
        remembered.renew_again(now + 10_500, Duration::from_secs(1));
        assert!(remembered.take_renewal(now + 11_500, RENEW));
    }
}
