//! What is broken on purpose while visitors visit, and mended after a while.

use onsale_stack::{Service, Stack, StackError};

/// What is broken: the last copy of a program, or a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    victim: Victim,
    how: How,
}

/// Of programs, the last copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Redis,
    Postgres,
    Queue,
    Catalog,
    Gateway,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Ended as by a crash, and started again.
    Killed,
    /// Stopped where it stands, and let go on: connections stay, nothing is answered.
    Frozen,
    /// Asked to end, and started again at once.
    Restarted,
}

/// Every fault there is, by name.
const ALL: [(&str, Fault); 11] = [
    ("redis-killed", Fault { victim: Victim::Redis, how: How::Killed }),
    ("redis-frozen", Fault { victim: Victim::Redis, how: How::Frozen }),
    ("postgres-killed", Fault { victim: Victim::Postgres, how: How::Killed }),
    ("postgres-frozen", Fault { victim: Victim::Postgres, how: How::Frozen }),
    ("queue-killed", Fault { victim: Victim::Queue, how: How::Killed }),
    ("queue-frozen", Fault { victim: Victim::Queue, how: How::Frozen }),
    ("catalog-killed", Fault { victim: Victim::Catalog, how: How::Killed }),
    ("catalog-frozen", Fault { victim: Victim::Catalog, how: How::Frozen }),
    ("gateway-killed", Fault { victim: Victim::Gateway, how: How::Killed }),
    ("gateway-frozen", Fault { victim: Victim::Gateway, how: How::Frozen }),
    ("gateway-restarted", Fault { victim: Victim::Gateway, how: How::Restarted }),
];

impl Fault {
    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }

    /// Every name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|(name, _)| *name)
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(_, fault)| *fault == self).map_or("", |(name, _)| name)
    }

    /// Breaks it.
    ///
    /// # Errors
    /// There is nothing to be broken.
    pub fn make(self, stack: &mut Stack) -> Result<(), StackError> {
        match (self.victim, self.how) {
            (_, How::Restarted) => Ok(()),
            (Victim::Redis, How::Killed) => stack.redis.kill9(),
            (Victim::Redis, How::Frozen) => stack.redis.freeze(),
            (Victim::Postgres, How::Killed) => stack.postgres.kill9(),
            (Victim::Postgres, How::Frozen) => stack.postgres.freeze(),
            (victim, How::Killed) => each(last(stack, victim), Service::kill9),
            (victim, How::Frozen) => each(last(stack, victim), Service::freeze),
        }
    }

    /// Mends it, and waits until it is well again.
    ///
    /// # Errors
    /// It does not come back.
    pub async fn mend(self, stack: &mut Stack) -> Result<(), StackError> {
        match (self.victim, self.how) {
            (Victim::Redis, How::Frozen) => return stack.redis.thaw(),
            (Victim::Postgres, How::Frozen) => return stack.postgres.thaw(),
            (Victim::Redis, How::Killed | How::Restarted) => return stack.redis.restart().await,
            (Victim::Postgres, How::Killed | How::Restarted) => return stack.postgres.restart().await,
            (victim, How::Frozen) => return each(last(stack, victim), Service::thaw),
            (_, How::Killed | How::Restarted) => {}
        }
        match last(stack, self.victim) {
            Some(service) => {
                service.restart().await?;
                service.until_ready().await
            }
            None => Ok(()),
        }
    }
}

fn last(stack: &mut Stack, victim: Victim) -> Option<&mut Service> {
    match victim {
        Victim::Queue => stack.queues.last_mut(),
        Victim::Catalog => stack.catalogs.last_mut(),
        Victim::Gateway => stack.gateways.last_mut(),
        Victim::Redis | Victim::Postgres => None,
    }
}

fn each(
    service: Option<&mut Service>,
    act: impl Fn(&mut Service) -> Result<(), StackError>,
) -> Result<(), StackError> {
    service.map_or(Ok(()), act)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_broken_and_how() {
        for name in Fault::names() {
            let fault = Fault::named(name).unwrap();
            assert_eq!(fault.name(), name);
            let said = format!("{:?}-{:?}", fault.victim, fault.how).to_lowercase();
            assert_eq!(said, name);
        }
        assert!(Fault::named("redis").is_none());
    }
}
