use std::path::Path;

use clap::Args;

use crate::{StackError, Target};

/// An Onsale that `up` has not started, as somebody names it on a command line.
#[derive(Args, Clone, Debug)]
pub struct Elsewhere {
    /// Gateways, such as `http://127.0.0.1:8080`; with it the settings below are needed too
    #[arg(long = "gateway", requires_all = ["operator_key", "redis_url", "database_url"])]
    gateways: Vec<String>,

    /// The gateways' operator key
    #[arg(long, env = "ONSALE_OPERATOR_KEY", hide_env_values = true)]
    operator_key: Option<String>,

    /// The rooms' Redis
    #[arg(long, env = "ONSALE_REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,

    /// The catalog's Postgres
    #[arg(long, env = "ONSALE_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl Elsewhere {
    /// The one that was named, or the one that `up` runs in the folder where none was.
    ///
    /// # Errors
    /// None was named, and nothing runs in the folder, or it is still starting.
    pub fn target(&self, folder: &Path) -> Result<Target, StackError> {
        if self.gateways.is_empty() {
            return Target::in_folder(folder);
        }
        // clap asks for all of them.
        let [key, redis, database] = [&self.operator_key, &self.redis_url, &self.database_url]
            .map(|said| said.as_deref().unwrap_or_default());
        Ok(Target::named(&self.gateways, key, redis, database))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser, Debug)]
    struct Typed {
        #[command(flatten)]
        elsewhere: Elsewhere,
    }

    #[test]
    fn one_that_is_named_is_named_with_all_that_its_operator_knows() {
        let gateway = ["visit", "--gateway", "http://one", "--gateway", "http://two/"];
        let rest = ["--operator-key", "key", "--redis-url", "redis://it", "--database-url", "postgres://it"];
        let all = Typed::try_parse_from(gateway.into_iter().chain(rest)).unwrap();
        let target = all.elsewhere.target(Path::new("nowhere")).unwrap();
        assert_eq!(target.gateways, ["http://one", "http://two"]);
        assert_eq!(
            [target.operator_key, target.redis_url, target.database_url],
            ["key", "redis://it", "postgres://it"]
        );
        assert!(Typed::try_parse_from(gateway).is_err());
        let none = Typed::try_parse_from(["visit"]).unwrap();
        assert!(matches!(none.elsewhere.target(Path::new("nowhere")), Err(StackError::IsDown)));
    }
}
