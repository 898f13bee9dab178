//! Rooms in Redis: one script for each operation, one slot for each room.
//!
//! What the keys are and how long they live stands at the top of
//! `scripts/prelude.lua`; the names are made by [`keys`]. Besides a room's keys
//! there are a few of the house, under one tag of their own:
//!
//! ```text
//! {rooms}:ids        SET   the rooms there are; a room is added before its head is made
//! {rooms}:concerts   HASH  concert -> room; as long as the operator wants
//! {rooms}:version    INT   grows with every change of the two
//! {rooms}:user_key   STR   16 random bytes that user hashes are keyed with; made once
//! ```
//!
//! Every script is made for one run of the Redis server (see `scripts/prelude.lua`):
//! the store keeps, for each room, the run that its state was last known to be
//! whole under, and refuses to write under another until [`Store::fence`] said
//! that nothing more is missing.

mod admin;
mod check;
mod error;
mod house;
mod keys;
mod line;
mod read;
mod reply;
mod scripts;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use fred::{
    prelude::{Builder, Client, ClientLike as _, Config, LuaInterface as _, ReconnectPolicy, Value},
    types::config::TracingConfig,
};
use onsale_telemetry::StoreMetrics;
use onsale_token::{RoomId, UserId};
use secrecy::{ExposeSecret as _, SecretString};
use siphasher::sip128::{Hasher128 as _, SipHasher24};
use std::hash::Hasher as _;

pub use self::{
    admin::ModeChange,
    error::StoreError,
    house::House,
    keys::{BUCKETS, PIECES},
    line::{
        Claim, Claimed, ClaimsOutcome, Fenced, JoinOutcome, JoinsOutcome, Left, PlaceRef, SessionState,
        Ticked,
    },
    read::{Reading, Revocation},
    scripts::ScriptSources,
};
use self::{
    keys::Keys,
    reply::Reply,
    scripts::{ReadScript, RunScripts, Script},
};

/// A room in one of its epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RoomEpoch {
    /// The room.
    pub room: RoomId,
    /// The epoch: a script refuses another one than the room's.
    pub epoch: u64,
}

/// The rooms of one Redis.
pub struct Store {
    client: Client,
    sources: ScriptSources,
    read: ReadScript,
    runs: RwLock<HashMap<RoomId, Arc<RunScripts>>>,
    user_key: ArcSwap<[u8; 16]>,
    timeout: Duration,
    metrics: StoreMetrics,
}

/// Pauses between attempts to reach a Redis that is away, in milliseconds: short, since a line waits.
const RECONNECT_MS: (u32, u32) = (20, 100);

impl Store {
    /// Connects; from then on the connection is kept up in the background.
    ///
    /// `timeout` bounds every command. The address decides what is spoken to: `redis://`,
    /// `rediss://`, `redis-cluster://` or `redis-sentinel://`.
    ///
    /// # Errors
    /// [`StoreError::Address`] for an address that cannot be read, [`StoreError::Away`] when nobody answers.
    pub async fn connect(
        url: &SecretString,
        timeout: Duration,
        sources: ScriptSources,
        metrics: StoreMetrics,
    ) -> Result<Self, StoreError> {
        // The library's own message may quote the address, and with it a password.
        let mut config = Config::from_url(url.expose_secret()).map_err(|_| StoreError::Address)?;
        config.tracing = TracingConfig::new(true);
        let mut builder = Builder::from_config(config);
        builder.with_performance_config(|performance| performance.default_command_timeout = timeout);
        builder.with_connection_config(|connection| {
            // A command is never sent twice: whether it was carried out cannot be known.
            connection.max_command_attempts = 1;
            connection.connection_timeout = timeout;
            // A command that follows another does not wait for the acknowledgement of that one.
            connection.tcp.nodelay = Some(true);
            connection.internal_command_timeout = timeout;
            connection.unresponsive.max_timeout = Some(timeout * 2);
            connection.unresponsive.interval = timeout / 2;
        });
        builder.set_policy(ReconnectPolicy::new_exponential(0, RECONNECT_MS.0, RECONNECT_MS.1, 2));
        let client = builder.build().map_err(StoreError::from)?;
        tokio::time::timeout(timeout * 4, client.init()).await.map_err(|_| StoreError::Away)??;
        let read = ReadScript::new(&sources);
        let store = Self {
            client,
            sources,
            read,
            runs: RwLock::default(),
            user_key: ArcSwap::from_pointee(rand::random()),
            timeout,
            metrics,
        };
        store.settle_user_key().await?;
        Ok(store)
    }

    /// Ends the connection.
    pub async fn close(&self) {
        // There is nothing left to do about a connection that does not end well.
        drop(self.client.quit().await);
    }

    /// How long a command may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Runs a room's script under the run that the room is whole under.
    async fn run(
        &self,
        room: RoomId,
        script: Script,
        keys: Vec<String>,
        args: Vec<Value>,
    ) -> Result<Reply, StoreError> {
        let scripts = self.scripts_of(room).ok_or(StoreError::Fencing)?;
        match self.evaluate(&scripts, script, keys.clone(), args.clone()).await {
            Err(StoreError::NoScript) => {}
            outcome => return outcome,
        }
        // Either nobody loaded it yet, or the server is another one than the room was whole under.
        if self.run_of(room).await? != scripts.run() {
            return Err(StoreError::Fencing);
        }
        self.evaluate_loading(&scripts, script, keys, args).await
    }

    /// Runs a script under a run that the caller vouches for, and loads it if need be.
    async fn evaluate_loading(
        &self,
        scripts: &RunScripts,
        script: Script,
        keys: Vec<String>,
        args: Vec<Value>,
    ) -> Result<Reply, StoreError> {
        match self.evaluate(scripts, script, keys.clone(), args.clone()).await {
            Err(StoreError::NoScript) => {
                self.load(scripts.source(script)).await?;
                self.evaluate(scripts, script, keys, args).await
            }
            outcome => outcome,
        }
    }

    async fn evaluate(
        &self,
        scripts: &RunScripts,
        script: Script,
        keys: Vec<String>,
        args: Vec<Value>,
    ) -> Result<Reply, StoreError> {
        let values = self.evaluate_sha(scripts.sha(script), keys, args, script.name()).await?;
        Ok(Reply::new(script.name(), values))
    }

    #[tracing::instrument(
        name = "redis script",
        level = "info",
        skip_all,
        fields(otel.kind = "client", db.system.name = "redis", db.operation.name = name),
        err(level = "debug")
    )]
    async fn evaluate_sha(
        &self,
        sha: &str,
        keys: Vec<String>,
        args: Vec<Value>,
        name: &'static str,
    ) -> Result<Vec<Value>, StoreError> {
        let evaluate = async {
            let reply: Value = self.connected()?.evalsha(sha, keys, args).await?;
            Ok(reply.into_array())
        };
        // A command's future is some kilobytes large, and would be moved from hand to hand.
        self.metrics.timed(name, Box::pin(evaluate)).await
    }

    async fn load(&self, source: &str) -> Result<(), StoreError> {
        let client = self.connected()?;
        if client.is_clustered() {
            client.script_load_cluster::<(), _>(source).await?;
        } else {
            client.script_load::<(), _>(source).await?;
        }
        Ok(())
    }

    /// The client, while it has a connection: without one a command would only wait for its own timeout.
    fn connected(&self) -> Result<&Client, StoreError> {
        if self.client.is_connected() { Ok(&self.client) } else { Err(StoreError::Away) }
    }

    fn scripts_of(&self, room: RoomId) -> Option<Arc<RunScripts>> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner).get(&room).cloned()
    }

    /// Whether the room's scripts are run under that run.
    #[must_use]
    pub fn is_whole_under(&self, room: RoomId, run: &str) -> bool {
        self.scripts_of(room).is_some_and(|scripts| scripts.run() == run)
    }

    /// Notes the run under which the room is whole.
    fn set_run(&self, room: RoomId, scripts: Arc<RunScripts>) {
        self.runs.write().unwrap_or_else(PoisonError::into_inner).insert(room, scripts);
    }

    fn scripts_for(&self, room: RoomId, run: &str) -> Arc<RunScripts> {
        match self.scripts_of(room) {
            Some(scripts) if scripts.run() == run => scripts,
            Some(_) | None => Arc::new(RunScripts::new(&self.sources, run)),
        }
    }

    /// The keyed hash by which a user is recorded: 128 bits, so that two users do not meet.
    fn user_hash(&self, user: &UserId) -> u128 {
        let key = self.user_key.load();
        let mut hasher = SipHasher24::new_with_key(&key);
        hasher.write(user.as_str().as_bytes());
        hasher.finish128().as_u128()
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
