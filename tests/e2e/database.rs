//! A Postgres with the demo's concerts.

use std::{env, time::Duration};

use onsale_stack::{Postgres, PostgresOptions, ServiceOptions, run_to_end};

const SEED: Duration = Duration::from_mins(2);

/// Where the catalog is kept.
#[derive(Debug)]
pub(crate) enum Database {
    /// The one that `DATABASE_URL` names. Nobody writes to it after the demo is loaded.
    Shared(String),
    /// One that a test may break.
    Own(Box<Postgres>),
}

impl Database {
    /// The shared one, or one of its own where there is none.
    pub(crate) async fn shared() -> Self {
        let Ok(url) = env::var("DATABASE_URL") else { return Self::own().await };
        seed(&url).await;
        Self::Shared(url)
    }

    pub(crate) async fn own() -> Self {
        let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
        let database = Self::Own(Box::new(postgres));
        seed(&database.url()).await;
        database
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Shared(url) => url.clone(),
            Self::Own(postgres) => postgres.url("postgres"),
        }
    }

    /// The server of one that may be broken.
    pub(crate) fn postgres(&mut self) -> &mut Postgres {
        match self {
            Self::Own(postgres) => postgres,
            Self::Shared(_) => panic!("a shared Postgres is not to be broken"),
        }
    }
}

/// Tests that come at once take turns by the program's own lock, and all but the first find it done.
async fn seed(url: &str) {
    let seed = ServiceOptions::new("onsale-catalog").argument("seed-demo").env("ONSALE_DATABASE_URL", url);
    run_to_end(seed, SEED).await.unwrap();
}
