use std::{collections::BTreeMap, fmt, path::Path};

use crate::{
    Running, StackError,
    stack::{Addresses, Folder, Record, Secrets},
};

/// An Onsale that runs, and what its operator knows of it.
#[derive(Clone)]
pub struct Target {
    /// The gateways' `http://` addresses without a slash at the end; at least one.
    pub gateways: Vec<String>,
    /// Opens the admin API.
    pub operator_key: String,
    /// The rooms' Redis.
    pub redis_url: String,
    /// The catalog's Postgres.
    pub database_url: String,
    /// A Prometheus that records it, where there is one.
    pub prometheus: Option<String>,
    /// The servers and programs; none where they are elsewhere.
    pub processes: Vec<Running>,
    /// The `http://` address of each program's ops port, by the program's name; none where they are elsewhere.
    pub ops: BTreeMap<String, String>,
}

impl Target {
    /// One that somebody else runs, by where it is.
    #[must_use]
    pub fn named(
        gateways: &[String],
        operator_key: impl Into<String>,
        redis_url: impl Into<String>,
        database_url: impl Into<String>,
    ) -> Self {
        Self {
            gateways: gateways.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
            operator_key: operator_key.into(),
            redis_url: redis_url.into(),
            database_url: database_url.into(),
            prometheus: None,
            processes: Vec::new(),
            ops: BTreeMap::new(),
        }
    }

    /// The one that runs in a folder, such as `.onsale`, where `deploy/up` keeps it.
    ///
    /// # Errors
    /// Nothing runs there, or it is still starting.
    pub fn in_folder(path: &Path) -> Result<Self, StackError> {
        if !path.exists() {
            return Err(StackError::IsDown);
        }
        let folder = Folder::open(path)?;
        let record = Record::read(&folder.record())?.filter(|record| record.starter.runs());
        let record = record.ok_or(StackError::IsDown)?;
        let addresses = record.addresses.ok_or(StackError::IsStarting)?;
        Ok(Self::of(addresses, record.started, &Secrets::load_or_make(&folder)?))
    }

    /// A stack.
    pub(crate) fn of(addresses: Addresses, processes: Vec<Running>, secrets: &Secrets) -> Self {
        let password = &secrets.store_password;
        Self {
            gateways: addresses.gateways,
            operator_key: secrets.operator_key.clone(),
            redis_url: format!("redis://:{password}@127.0.0.1:{}", addresses.redis_port),
            database_url: format!(
                "postgres://onsale:{password}@127.0.0.1:{}/onsale",
                addresses.postgres_port
            ),
            prometheus: addresses.prometheus,
            processes,
            ops: addresses.ops,
        }
    }
}

impl fmt::Debug for Target {
    /// Without what only its operator knows.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Target").field("gateways", &self.gateways).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_in_the_folder_is_found_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let find = || Target::in_folder(place.path());
        assert!(matches!(find(), Err(StackError::IsDown)));
        let folder = Folder::open(place.path()).unwrap();
        let starter = Running::this("this").unwrap();
        let write = |addresses| {
            let record = Record { starter: starter.clone(), started: vec![starter.clone()], addresses };
            record.write(&folder.record()).unwrap();
        };
        write(None);
        assert!(matches!(find(), Err(StackError::IsStarting)));
        let gateways = vec!["http://127.0.0.1:8080".to_owned()];
        let ops = BTreeMap::from([("onsale-gateway-1".to_owned(), "http://127.0.0.1:8081".to_owned())]);
        let (prometheus, traces) = (None, None);
        let addresses = Addresses {
            gateways: gateways.clone(),
            redis_port: 1,
            postgres_port: 2,
            prometheus,
            traces,
            ops: ops.clone(),
        };
        write(Some(addresses));
        let target = find().unwrap();
        assert_eq!((target.gateways, target.ops, target.processes), (gateways, ops, vec![starter]));
        assert!(
            target.redis_url.ends_with("@127.0.0.1:1")
                && target.database_url.ends_with("@127.0.0.1:2/onsale")
        );
    }

    #[test]
    fn secrets_are_not_in_what_is_printed_of_it() {
        let target =
            Target::named(&["http://one/".to_owned()], "secret", "redis://secret", "postgres://secret");
        let text = format!("{target:?}");
        assert!(text.contains("http://one") && !text.contains("one/") && !text.contains("secret"), "{text}");
    }
}
