//! Starts real servers and the programs of Onsale, and breaks them on demand.
//!
//! `deploy/up` uses it to run everything on one machine, and tests use it to have a Redis, a Postgres or a program
//! of their own. Nothing here is a stand-in: each is a process, on a loopback port of its own, with a folder of its
//! own, and ends with the value that stands for it, or with the process that started it, whatever comes first.
//!
//! ```no_run
//! # async fn example() -> Result<(), onsale_stack::StackError> {
//! use onsale_stack::{Redis, RedisOptions, Service, ServiceOptions};
//!
//! let mut redis = Redis::start(RedisOptions::default()).await?;
//! let queue = ServiceOptions::new("onsale-queue").env("ONSALE_REDIS_URL", redis.url());
//! let mut queue = Service::start(queue).await?;
//! queue.until_ready().await?;
//!
//! redis.kill9()?;
//! redis.restart().await?;
//! queue.freeze()?;
//! queue.thaw()?;
//! # Ok(())
//! # }
//! ```
//!
//! Each of them knows the same verbs: `kill9` ends it as a crash would, `restart` starts it again in the same folder
//! and on the same port, `freeze` and `thaw` stop and continue it as a stalled machine would, `stop` asks it to end.
//!
//! A [`Stack`] is all of them together, in the order in which one needs the other, and a [`Target`] is an Onsale that
//! runs, whoever has started it:
//!
//! ```no_run
//! # async fn example() -> Result<(), onsale_stack::StackError> {
//! use onsale_stack::{Stack, StackOptions, invariants, operator::Desk};
//!
//! let mut stack = Stack::start(StackOptions { copies: 2, ..StackOptions::default() }, |_| ()).await?;
//! let target = stack.target();
//! let site_room = Desk::at(&target)?.room(1).await?;
//! stack.redis.kill9()?;
//! stack.redis.restart().await?;
//! let findings = invariants::check(&target).await?;
//! stack.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Nothing is printed: what is worth saying is returned, or told to a closure.
//!
//! Waiting is waiting for a condition, with a deadline; what fails shows the end of the server's log.

mod child;
mod elsewhere;
mod error;
mod folder;
mod http;
pub mod invariants;
mod observe;
pub mod operator;
mod port;
mod postgres;
pub mod procfs;
mod redis;
mod service;
mod stack;
mod target;
mod wait;

pub use elsewhere::Elsewhere;
pub use error::StackError;
pub use observe::{Exporter, Prometheus, PrometheusOptions, ScrapeTarget};
pub use port::Port;
pub use postgres::{Postgres, PostgresOptions};
pub use redis::{Fsync, Redis, RedisOptions};
pub use service::{Service, ServiceOptions, binary, run_to_end};
pub use stack::{Addresses, Folder, Observers, Record, Running, Stack, StackOptions};
pub use target::Target;
pub use wait::until;
