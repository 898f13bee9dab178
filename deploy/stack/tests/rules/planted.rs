//! Sources that break one rule each, and sources that come close: the checker is worth what it sees here.

use crate::checker::Rule;

/// A file that breaks a rule on a line.
pub(crate) struct Plant {
    pub(crate) rule: Rule,
    pub(crate) line: usize,
    pub(crate) path: &'static str,
    pub(crate) text: &'static str,
}

const fn plant(rule: Rule, line: usize, path: &'static str, text: &'static str) -> Plant {
    Plant { rule, line, path, text }
}

pub(crate) const BROKEN: &[Plant] = &[
    plant(Rule::FileName, 1, "gateway/src/http/mod.rs", ""),
    plant(Rule::FileName, 1, "services/queue/src/utils.rs", ""),
    plant(Rule::FileName, 1, "crates/common/src/lib.rs", ""),
    plant(Rule::PureDomain, 2, "services/queue/src/domain/tick.rs", "\nuse tokio::time::sleep;"),
    plant(Rule::PureDomain, 1, "services/queue/src/domain/tick.rs", "use rand::Rng;"),
    plant(
        Rule::PureDomain,
        1,
        "services/queue/src/domain.rs",
        "use crate::{domain::room, waiting_room::Join};",
    ),
    plant(Rule::PureDomain, 1, "services/catalog/src/domain/seat.rs", "fn f() { tracing::info!(1); }"),
    plant(Rule::PureDomain, 1, "services/catalog/src/domain/seat.rs", "fn f() { let t = Instant::now(); }"),
    plant(Rule::PureDomain, 1, "services/catalog/src/domain/seat.rs", "use std::{fmt, time::SystemTime};"),
    plant(
        Rule::PureDomain,
        1,
        "services/catalog/src/domain/seat.rs",
        "fn f() { dbg!(std::env::var(\"A\")); }",
    ),
    plant(Rule::PureUseCase, 1, "services/queue/src/waiting_room/join.rs", "use crate::grpc::Convert;"),
    plant(Rule::PureUseCase, 1, "services/queue/src/waiting_room/join.rs", "use tonic::Status;"),
    plant(Rule::Redis, 1, "services/queue/src/waiting_room.rs", "use fred::prelude::*;"),
    plant(Rule::Redis, 3, "gateway/src/rooms.rs", "fn f() {\n\n    fred::connect();\n}"),
    plant(Rule::Postgres, 1, "services/catalog/src/reading.rs", "use ::sqlx::PgPool;"),
    plant(Rule::Postgres, 1, "services/catalog/src/store.rs", "fn f(pool: &sqlx::PgPool) {}"),
    plant(Rule::Contracts, 1, "gateway/src/http/seats.rs", "use onsale_proto::catalog::v1::Seat;"),
    plant(Rule::Contracts, 1, "services/queue/src/store/redis.rs", "use {onsale_proto::queue};"),
    plant(Rule::Http, 1, "gateway/src/rooms/status.rs", "use axum::Json;"),
    plant(Rule::Http, 1, "services/queue/src/lib.rs", "use {axum::Json, std::fmt};"),
    plant(Rule::Http, 1, "gateway/src/gateway.rs", "use axum::Json;"),
    plant(Rule::Http, 1, "deploy/stack/src/command/up.rs", "use axum::Json;"),
    plant(Rule::Programs, 1, "gateway/src/upstream.rs", "use onsale_queue::domain::Room;"),
    plant(Rule::Programs, 1, "services/catalog/src/lib.rs", "use onsale_queue::domain;"),
    plant(Rule::Programs, 1, "crates/token/src/lib.rs", "pub use onsale_gateway::http;"),
    plant(
        Rule::Instruments,
        1,
        "gateway/src/metrics.rs",
        "use opentelemetry::{metrics::Counter, trace::Span};",
    ),
    plant(Rule::Instruments, 1, "gateway/src/metrics.rs", "use opentelemetry::KeyValue;"),
    plant(
        Rule::Instruments,
        1,
        "gateway/src/rooms.rs",
        "fn f() { add(1, &[KeyValue::new(\"user\", user)]); }",
    ),
    plant(Rule::Instruments, 1, "services/queue/src/queue.rs", "fn f() { telemetry.meter().build(); }"),
    plant(Rule::Leak, 1, "gateway/src/http/queue_status.rs", "fn f() { Route(Box::leak(path)) }"),
    plant(Rule::Leak, 1, "gateway/src/http/queue_status.rs", "fn f() { Route(path.leak()) }"),
    plant(Rule::Labels, 2, "services/queue/src/metrics.rs", "struct User(u64);\nimpl Label for User {}"),
    plant(Rule::Labels, 1, "gateway/src/seats.rs", "impl onsale_telemetry::Label for Seat {}"),
];

pub(crate) const ALLOWED: &[(&str, &str)] = &[
    ("services/queue/src/store/redis/keys.rs", "use fred::prelude::*;"),
    ("services/queue/tests/joins.rs", "use fred::prelude::*;"),
    ("services/catalog/src/store/postgres.rs", "use sqlx::PgPool;"),
    ("services/queue/src/grpc/join.rs", "use onsale_proto::queue::v1::JoinRequest;"),
    ("services/queue/src/grpc.rs", "use onsale_proto::queue::v1::queue_service_server::QueueService;"),
    (
        "services/queue/src/queue.rs",
        "use onsale_proto::{DESCRIPTORS, queue::v1::queue_service_server::QueueServiceServer};",
    ),
    ("gateway/src/upstream/queue.rs", "use onsale_proto::queue::v1::Place;"),
    ("gateway/src/http.rs", "use axum::Router;"),
    ("gateway/src/gateway.rs", "use axum::Router;"),
    ("gateway/tests/identity.rs", "use axum::Router;"),
    ("gateway/src/config.rs", "use axum::http::Uri;"),
    ("crates/process/src/ops.rs", "use axum::Router;"),
    ("deploy/stack/src/command/traces/web.rs", "use axum::Router;"),
    ("gateway/src/main.rs", "fn main() { onsale_gateway::run(); }"),
    ("tests/visit.rs", "use onsale_gateway::Gateway; use onsale_queue::Queue;"),
    ("services/queue/src/domain/tick.rs", "use std::time::Duration; use crate::domain::room::Room;"),
    (
        "services/queue/src/domain/tick.rs",
        "// use tokio::time::sleep;\n/// tokio::time::sleep\nfn f(rand: u8) -> u8 { rand }",
    ),
    ("services/queue/src/domain/tick.rs", "fn f() -> &'static str { \"tokio::time::sleep\" }"),
    ("services/queue/src/domain/tick.rs", "#[cfg(test)]\nmod tests { use rand::Rng; }\nfn after() {}"),
    ("services/queue/src/domain/tick/tests.rs", "use rand::Rng;"),
    ("services/queue/src/waiting_room/join.rs", "use crate::domain::room::Room; use tokio::time::timeout;"),
    ("crates/telemetry/src/instruments.rs", "use opentelemetry::{KeyValue, metrics::Meter};"),
    ("crates/batch/src/span.rs", "use opentelemetry::trace::TraceContextExt as _;"),
    ("deploy/stack/src/command/traces/tempo.rs", "use opentelemetry_proto::tonic::common::v1::KeyValue;"),
    ("services/queue/src/metrics/labels.rs", "impl Label for RoomLabel {}"),
    (
        "services/queue/src/metrics.rs",
        "label! { enum A: \"a\" { B = \"b\", } }\nfn f<L: Label>() { for l in Label {} }",
    ),
];
