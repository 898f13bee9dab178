use std::path::Path;

use anyhow::Context as _;

use super::Elsewhere;
use crate::command::{folder::Folder, record::Record, secrets::Secrets};

/// The Onsale that is visited.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// At least one.
    pub(super) gateways: Vec<String>,
    pub(super) operator_key: String,
    pub(super) redis_url: String,
    pub(super) database_url: String,
}

impl Target {
    /// The one that was named, or the one that `up` runs in that folder.
    pub(super) fn find(path: &Path, named: &Elsewhere) -> anyhow::Result<Self> {
        if named.gateways.is_empty() {
            return Self::in_folder(path);
        }
        // clap asks for all of them.
        Ok(Self {
            gateways: named.gateways.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
            operator_key: named.operator_key.clone().context("--operator-key is not set")?,
            redis_url: named.redis_url.clone().context("--redis-url is not set")?,
            database_url: named.database_url.clone().context("--database-url is not set")?,
        })
    }

    fn in_folder(path: &Path) -> anyhow::Result<Self> {
        const DOWN: &str = "nothing is up; start it by deploy/up --detach";
        anyhow::ensure!(path.exists(), DOWN);
        let folder = Folder::open(path)?;
        let record = Record::read(&folder.record())?.filter(|record| record.starter.runs()).context(DOWN)?;
        let addresses = record.addresses.context("it is still starting")?;
        let secrets = Secrets::load_or_make(&folder)?;
        let password = &secrets.store_password;
        Ok(Self {
            gateways: addresses.gateways,
            redis_url: format!("redis://:{password}@127.0.0.1:{}", addresses.redis_port),
            database_url: format!(
                "postgres://onsale:{password}@127.0.0.1:{}/onsale",
                addresses.postgres_port
            ),
            operator_key: secrets.operator_key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::record::{Addresses, Running};

    const NOWHERE: Elsewhere =
        Elsewhere { gateways: Vec::new(), operator_key: None, redis_url: None, database_url: None };

    #[test]
    fn what_runs_in_the_folder_is_found_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let find = || Target::find(place.path(), &NOWHERE).map_err(|error| error.to_string());
        assert!(find().unwrap_err().contains("nothing is up"));
        let folder = Folder::open(place.path()).unwrap();
        let write = |addresses| {
            let starter = Running::this("this").unwrap();
            Record { starter, started: Vec::new(), addresses }.write(&folder.record()).unwrap();
        };
        write(None);
        assert!(find().unwrap_err().contains("still starting"));
        let gateways = vec!["http://127.0.0.1:8080".to_owned()];
        write(Some(Addresses {
            gateways: gateways.clone(),
            redis_port: 1,
            postgres_port: 2,
            prometheus: None,
            traces: None,
        }));
        let target = find().unwrap();
        assert_eq!(target.gateways, gateways);
        assert!(
            target.redis_url.ends_with("@127.0.0.1:1")
                && target.database_url.ends_with("@127.0.0.1:2/onsale")
        );
    }
}
