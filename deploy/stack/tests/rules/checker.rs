use std::fmt;

use crate::source::{Name, Source};

/// The rules, by what they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    FileName,
    Length,
    PureDomain,
    PureUseCase,
    Redis,
    Postgres,
    Contracts,
    Http,
    Programs,
    Instruments,
    Labels,
    Leak,
}

/// A rule, broken.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) rule: Rule,
    pub(crate) line: usize,
    path: String,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {:?}: {}", self.path, self.line, self.rule, self.what)
    }
}

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 10] =
    ["mod", "common", "util", "utils", "helper", "helpers", "manager", "misc", "shared", "lib_shared"];

const MAX_LINES: usize = 500;

/// Transport, drivers, telemetry, clock and randomness: what a domain is given and does not take.
const IMPURE: [&str; 24] = [
    "anyhow",
    "axum",
    "clap",
    "fred",
    "futures",
    "getrandom",
    "http",
    "hyper",
    "onsale_grpc_server",
    "onsale_process",
    "onsale_proto",
    "onsale_telemetry",
    "opentelemetry",
    "prost",
    "rand",
    "reqwest",
    "redis",
    "sqlx",
    "tokio",
    "tokio_util",
    "tonic",
    "tower",
    "tracing",
    "uuid",
];
const IMPURE_STD: [&str; 6] = ["env", "fs", "io", "net", "process", "thread"];
const CLOCKS: [&str; 3] = ["now", "now_utc", "now_local"];

const OF_METRICS: [&str; 2] = ["metrics", "KeyValue"];

/// Folders of use cases.
const USE_CASES: [&str; 4] = ["waiting_room", "reading", "sales", "seat_view"];
/// What a use case is called through, and what its store is made of.
const ABOVE_AND_BELOW: [&str; 7] = ["axum", "fred", "onsale_proto", "prost", "reqwest", "sqlx", "tonic"];

/// Where a label is written by hand, and why its values are few although no enum says so. Everywhere else `label!` is
/// used, whose values are written down; for what is not here, no label can be made of what a request says.
pub(crate) const LABELS_BY_HAND: [(&str, &str); 9] = [
    ("crates/process/src/metrics.rs", "a condition's name is a text of the program that sets it"),
    (
        "crates/telemetry/src/grpc/labels.rs",
        "a method's name is the contract's, and who calls bounds them besides",
    ),
    ("crates/telemetry/src/instruments/label.rs", "what `label!` writes"),
    ("crates/telemetry/src/store_metrics.rs", "a script's or statement's name is a text of the program"),
    ("gateway/src/http/problem/kind.rs", "an enum whose pairs with types are not all there are"),
    ("gateway/src/http/problem/table.rs", "an enum whose names the table of problems has"),
    (
        "gateway/src/metrics/labels.rs",
        "a route is the router's, a status a number of the code's, a service an enum",
    ),
    ("services/catalog/src/metrics/labels.rs", "a concert is one of few, an invariant an enum of the domain"),
    ("services/queue/src/metrics/labels.rs", "a room is one of few, a mode an enum of the token"),
];

/// Where a text is made to live as long as the program, and why there are few of them. Anywhere else, one that a request
/// says could pass for one of the program's own.
pub(crate) const TEXTS_FOR_GOOD: [(&str, &str); 2] = [
    ("crates/telemetry/src/grpc/client_metrics.rs", "the methods of the contracts, and a bound besides"),
    ("gateway/src/http/layers/asked.rs", "the routes of the gateway's own description"),
];

/// Everything that is wrong with a file.
pub(crate) fn check(source: &Source) -> Vec<Violation> {
    let place = Place::of(&source.path);
    let mut violations = Vec::new();
    let mut report = |rule, line, what: String| {
        violations.push(Violation { rule, line, path: source.path.clone(), what });
    };
    if let Some(name) = place.names().find(|name| EMPTY_NAMES.contains(name)) {
        report(Rule::FileName, 1, format!("`{name}` does not say what is inside"));
    }
    if source.lines > MAX_LINES {
        report(Rule::Length, source.lines, format!("{} lines, of at most {MAX_LINES}", source.lines));
    }
    for name in &source.names {
        if let Some(rule) = broken(&place, name) {
            report(rule, name.line, name.segments.join("::"));
        }
    }
    violations
}

fn broken(place: &Place<'_>, name: &Name) -> Option<Rule> {
    let segments: Vec<&str> = name.segments.iter().map(String::as_str).collect();
    let root = *segments.first()?;
    if !place.is_in("crates/telemetry/") && !place.is_test() && is_instrument(&segments) {
        return Some(Rule::Instruments);
    }
    if name.is_implemented && segments.last() == Some(&"Label") && !place.is_among(&LABELS_BY_HAND) {
        return Some(Rule::Labels);
    }
    if segments.last() == Some(&"leak") && !place.is_among(&TEXTS_FOR_GOOD) {
        return Some(Rule::Leak);
    }
    // A single word is as likely a variable's name.
    let is_path = segments.len() > 1;
    let outside = match root {
        "fred" => {
            (!place.is_in("services/queue/src/store") && !place.is_test_of("services/queue"), Rule::Redis)
        }
        "sqlx" => {
            let allowed =
                place.is_in("services/catalog/src/store/postgres") || place.is_test_of("services/catalog");
            (!allowed, Rule::Postgres)
        }
        "onsale_proto" => (!place.speaks_grpc() && !is_service(&segments), Rule::Contracts),
        "axum" => (!place.serves_http() && !place.holds_router(&segments) && !is_http(&segments), Rule::Http),
        "onsale_queue" | "onsale_catalog" | "onsale_gateway" => {
            (!place.may_name_program(root), Rule::Programs)
        }
        _ => (false, Rule::FileName),
    };
    if is_path && outside.0 {
        return Some(outside.1);
    }
    if place.is_test() {
        return None;
    }
    if place.is_domain() && is_path && is_impure(&segments) {
        return Some(Rule::PureDomain);
    }
    (place.is_use_case() && is_path && is_above_or_below(&segments)).then_some(Rule::PureUseCase)
}

/// OpenTelemetry's own instruments, which take any text for a label.
fn is_instrument(segments: &[&str]) -> bool {
    match segments {
        ["opentelemetry" | "opentelemetry_sdk", rest @ ..] => {
            rest.iter().any(|name| OF_METRICS.contains(name))
        }
        ["KeyValue", "new"] | ["meter"] => true,
        _ => false,
    }
}

/// A service as a whole, without its messages: what a server is put together from.
fn is_service(segments: &[&str]) -> bool {
    segments.last() == Some(&"DESCRIPTORS")
        || segments.iter().any(|segment| segment.ends_with("_service_server"))
}

/// The `http` crate's types by way of axum: an address or a header's value says nothing of who serves.
fn is_http(segments: &[&str]) -> bool {
    segments.get(1) == Some(&"http")
}

fn is_impure(segments: &[&str]) -> bool {
    let second = segments.get(1).copied().unwrap_or_default();
    match segments.first().copied().unwrap_or_default() {
        "std" => IMPURE_STD.contains(&second) || segments.contains(&"SystemTime"),
        // A domain knows itself only.
        "crate" => second != "domain",
        root => IMPURE.contains(&root) || CLOCKS.contains(segments.last().unwrap_or(&"")),
    }
}

fn is_above_or_below(segments: &[&str]) -> bool {
    let second = segments.get(1).copied().unwrap_or_default();
    match segments.first().copied().unwrap_or_default() {
        "crate" => ["grpc", "http"].contains(&second),
        root => ABOVE_AND_BELOW.contains(&root),
    }
}

/// Where a file is.
struct Place<'a> {
    path: &'a str,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        Self { path: path.strip_suffix(".rs").unwrap_or(path) }
    }

    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.path.split('/')
    }

    /// Whether this is the module, or one inside it, or one whose name begins like it: `store/redis_cluster`.
    fn is_in(&self, module: &str) -> bool {
        self.path.starts_with(module)
    }

    fn is_test(&self) -> bool {
        self.names().any(|name| matches!(name, "tests" | "benches" | "examples"))
    }

    fn is_test_of(&self, package: &str) -> bool {
        self.is_in(package) && self.is_test()
    }

    /// Whether it is one of those files, or a test.
    fn is_among(&self, files: &[(&str, &str)]) -> bool {
        self.is_test() || files.iter().any(|(path, _)| path.strip_suffix(".rs") == Some(self.path))
    }

    fn has(&self, module: &str) -> bool {
        self.path.split_once("/src/").is_some_and(|(_, inner)| inner.split('/').any(|name| name == module))
    }

    fn is_domain(&self) -> bool {
        self.has("domain")
    }

    /// By the first folder only: a transport and a store have files about the same things.
    fn is_use_case(&self) -> bool {
        let first = self.path.split_once("/src/").and_then(|(_, inner)| inner.split('/').next());
        self.is_in("services/") && first.is_some_and(|first| USE_CASES.contains(&first))
    }

    fn speaks_grpc(&self) -> bool {
        self.has("grpc") || self.has("upstream") || self.is_in("proto/") || self.is_test()
    }

    fn serves_http(&self) -> bool {
        self.is_in("gateway/src/http")
            || self.is_test_of("gateway")
            || self.is_in("crates/process/src/ops")
            || self.is_in("deploy/stack/src/command/traces")
            // It spoils what the gateway answers.
            || self.is_in("tests/load/proxy")
    }

    /// Where the gateway is put together, its routes are kept until they are served.
    fn holds_router(&self, segments: &[&str]) -> bool {
        self.path == "gateway/src/gateway" && segments == ["axum", "Router"]
    }

    /// A program may name itself, and tests of everything together may name all.
    fn may_name_program(&self, program: &str) -> bool {
        let home = match program {
            "onsale_gateway" => "gateway/",
            "onsale_queue" => "services/queue/",
            _ => "services/catalog/",
        };
        self.is_in(home) || self.is_in("tests/")
    }
}
