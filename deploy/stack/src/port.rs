use std::{
    env,
    fs::{self, File},
    hash::{BuildHasher as _, RandomState},
    net::TcpListener,
    path::{Path, PathBuf},
};

use nix::unistd::Uid;

use crate::StackError;

/// Ports below those that the system gives to outgoing connections. Among those, a port that is free while its
/// server is down may be taken by a client's own end, even one that is trying to reach that server.
const FIRST: u16 = 10_000;
const LAST: u16 = 29_999;
const NONE: StackError = StackError::NoPort { from: FIRST, to: LAST };

/// A loopback port that no other server of this crate takes, in any process, as long as this value lives: also
/// while its own server is down.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    /// Finds a free port.
    ///
    /// # Errors
    /// There is none, or the folder of locks cannot be written.
    pub fn reserve() -> Result<Self, StackError> {
        Self::reserve_row(1)?.pop().ok_or(NONE)
    }

    /// Finds free ports with consecutive numbers, at most a hundred, the lowest first.
    ///
    /// # Errors
    /// There are none, or the folder of locks cannot be written.
    pub fn reserve_row(count: u8) -> Result<Vec<Self>, StackError> {
        let locks = locks();
        fs::create_dir_all(&locks).map_err(StackError::file(&locks))?;
        let firsts = LAST - FIRST + 1 - u16::from(count);
        // Starting anywhere spares tests that start together from trying each other's.
        let start = RandomState::new().hash_one("port") % u64::from(firsts);
        let start = u16::try_from(start).unwrap_or_default();
        for first in (0..firsts).map(|step| FIRST + (start + step) % firsts) {
            let row = (first..first + u16::from(count)).map(|number| Self::take(&locks, number));
            // Dropping the part of a row that was free gives it back.
            if let Some(row) = row.collect::<Result<Option<Vec<_>>, _>>()? {
                return Ok(row);
            }
        }
        Err(NONE)
    }

    fn take(locks: &Path, number: u16) -> Result<Option<Self>, StackError> {
        let path = locks.join(number.to_string());
        let lock = File::create(&path).map_err(StackError::file(&path))?;
        let is_free = lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok();
        Ok(is_free.then_some(Self { number, _lock: lock }))
    }

    /// The port's number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

fn locks() -> PathBuf {
    env::temp_dir().join(format!("onsale-ports-{}", Uid::effective()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once_also_while_nobody_listens() {
        let ports: Vec<_> = (0..200).map(|_| Port::reserve().unwrap()).collect();
        let mut numbers: Vec<_> = ports.iter().map(Port::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 200);
    }

    #[test]
    fn a_row_is_without_gaps() {
        let row: Vec<_> = Port::reserve_row(3).unwrap().iter().map(Port::number).collect();
        assert_eq!(row, [row[0], row[0] + 1, row[0] + 2]);
    }
}
