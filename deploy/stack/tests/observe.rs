//! Real Prometheus and real exporters over a real Redis and Postgres, and the receiver of traces as a process.
//!
//! Needs them unpacked, which `deploy/test` does, and the programs built.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use onsale_stack::{
    Exporter, Postgres, PostgresOptions, Prometheus, PrometheusOptions, Redis, RedisOptions, Service,
    ServiceOptions, until,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse, trace_service_client::TraceServiceClient,
    },
    common::v1::InstrumentationScope,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, TracesData},
};
use prost::Message as _;
use serde_json::Value;

const SOON: Duration = Duration::from_mins(1);
const OFTEN: Duration = Duration::from_millis(200);

/// Waits until an expression has a value.
async fn value(prometheus: &Prometheus, expression: &str) {
    let found = until(SOON, || async { prometheus.query(expression).await.ok()?.pop() });
    assert!(found.await.is_some(), "{expression} is nothing");
}

#[tokio::test]
async fn prometheus_asks_the_exporters_and_works_out_the_rules() {
    let logs = tempfile::tempdir().unwrap();
    let protected = RedisOptions { password: Some("secret".to_owned()), ..RedisOptions::default() };
    let mut redis = Redis::start(protected).await.unwrap();
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let exporters = [
        Exporter::redis(&redis, logs.path()).await.unwrap(),
        Exporter::postgres(&postgres, "postgres", logs.path()).await.unwrap(),
        Exporter::node(logs.path()).await.unwrap(),
    ];
    let targets = exporters.iter().map(Exporter::target).collect();
    let options = PrometheusOptions { targets, every: OFTEN, ..PrometheusOptions::default() };
    let mut prometheus = Prometheus::start(options).await.unwrap();

    for expression in [
        "redis_up{instance=\"redis\"} == 1",
        "pg_up{instance=\"postgres\"} == 1",
        "job:up:sum{job=\"node\"} == 1",
        "slo:error_budget:ratio{slo=\"token\"} == 0.001",
        "count(up) == 4",
    ] {
        value(&prometheus, expression).await;
    }
    // What the rules take from exporters is there under these names.
    for expression in [
        "redis_aof_last_write_status",
        "redis_memory_used_bytes",
        "redis_memory_max_bytes",
        "pg_stat_activity_count",
        "pg_settings_max_connections",
        "pg_stat_database_deadlocks",
        "node_cpu_seconds_total{mode=\"idle\"}",
        "node_filesystem_avail_bytes",
        "node_filesystem_size_bytes",
        "prometheus_rule_evaluation_failures_total",
        "prometheus_rule_group_last_duration_seconds",
        "prometheus_rule_group_interval_seconds",
        "process_open_fds / process_max_fds",
    ] {
        value(&prometheus, expression).await;
    }
    assert!(prometheus.query("rate(redis_up)").await.unwrap_err().to_string().contains("range vector"));
    assert_eq!(prometheus.query("no_such_metric").await.unwrap(), Vec::<Value>::new());

    redis.kill9().unwrap();
    value(&prometheus, "ALERTS{alertname=\"RedisAway\", alertstate=\"pending\", job=\"redis\"}").await;
    let health = prometheus.api("rules", &[]).await.unwrap();
    let groups = health["groups"].as_array().unwrap();
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().unwrap());
    let broken: Vec<_> = rules.filter(|rule| rule["health"] == "err").collect();
    assert!(broken.is_empty(), "{broken:?}");

    prometheus.restart().await.unwrap();
    value(&prometheus, "max_over_time(redis_up[1m]) == 1").await;
    prometheus.stop().await.unwrap();
}

fn ask(address: SocketAddr, head: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{head}\r\nhost: test\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let status = String::from_utf8(answer[9..12].to_vec()).unwrap();
    (status, answer[end + 4..].to_vec())
}

fn get(address: SocketAddr, path: &str) -> (String, String) {
    let (status, body) = ask(address, &format!("GET {path} HTTP/1.0"), &[]);
    (status, String::from_utf8(body).unwrap())
}

/// A span of three milliseconds, named after its number, in the trace of that number.
fn request(number: u8) -> ExportTraceServiceRequest {
    let span = Span {
        trace_id: vec![number; 16],
        span_id: vec![number; 8],
        name: format!("span {number}"),
        start_time_unix_nano: 1_000_000_000,
        end_time_unix_nano: 1_003_000_000,
        ..Span::default()
    };
    let scope = Some(InstrumentationScope::default());
    let scope_spans = vec![ScopeSpans { scope, spans: vec![span], ..ScopeSpans::default() }];
    let resource = Some(Resource::default());
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }],
    }
}

#[tokio::test]
async fn spans_that_are_sent_either_way_are_shown_in_every_way() {
    let program = env!("CARGO_BIN_EXE_onsale-stack");
    let receiver = ServiceOptions::new("onsale-traces").program(program).argument("receive-traces");
    let mut traces = Service::start(receiver).await.unwrap();
    traces.until_ready().await.unwrap();
    let ops = traces.address("ops").unwrap();

    let mut client = TraceServiceClient::connect(traces.url("grpc")).await.unwrap();
    client.export(request(1)).await.unwrap();
    let head = "POST /v1/traces HTTP/1.0\r\ncontent-type: application/x-protobuf";
    let (status, answer) = ask(ops, head, &request(2).encode_to_vec());
    assert_eq!(status, "200");
    assert_eq!(
        ExportTraceServiceResponse::decode(&answer[..]).unwrap(),
        ExportTraceServiceResponse::default()
    );

    for number in [1, 2] {
        let id = format!("{number:02x}").repeat(16);
        let (status, text) = get(ops, &format!("/traces/{id}"));
        assert_eq!(status, "200");
        assert!(text.contains(&format!("unknown  span {number}")) && text.contains("3.000 ms"), "{text}");
        let json: Value = serde_json::from_str(&get(ops, &format!("/api/traces/{id}")).1).unwrap();
        assert_eq!(json["batches"][0]["scopeSpans"][0]["spans"][0]["name"], format!("span {number}"));
        let head = format!("GET /api/traces/{id} HTTP/1.0\r\naccept: application/protobuf");
        let message = TracesData::decode(&ask(ops, &head, &[]).1[..]).unwrap();
        assert_eq!(message.resource_spans, request(number).resource_spans);
    }
    let found: Value = serde_json::from_str(&get(ops, "/api/search?minDuration=3ms&limit=1").1).unwrap();
    assert_eq!(found["traces"].as_array().unwrap().len(), 1);
    assert_eq!(found["traces"][0]["durationMs"], 3);
    let found: Value = serde_json::from_str(&get(ops, "/api/search?minDuration=4ms").1).unwrap();
    assert_eq!(found["traces"].as_array().unwrap().len(), 0);
    let counts: Value = serde_json::from_str(&get(ops, "/status").1).unwrap();
    assert_eq!((&counts["spansReceived"], &counts["tracesKept"]), (&2.into(), &2.into()));
    assert_eq!(get(ops, "/api/traces/ff").0, "404");
    assert_eq!(get(ops, "/api/traces/%2B1").0, "400");
    assert_eq!(get(ops, "/api/search?minDuration=long").0, "400");
    assert_eq!(ask(ops, head, b"no protobuf").0, "400");
    assert!(traces.stop().await.unwrap().success());
}
