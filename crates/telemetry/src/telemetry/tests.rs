use std::sync::Arc;

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use tracing::{Level, info, info_span, span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::*;
use crate::LogFormat;

const TRACE_ID: &str = "b2611246a58fd7ea623d2264c5a1e226";

/// Log lines, kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a stretch of code logs, and which spans it exports.
struct Seen {
    lines: Vec<String>,
    spans: Vec<SpanData>,
}

fn seen(config: &TelemetryConfig, code: impl FnOnce()) -> Seen {
    let exporter = InMemorySpanExporter::default();
    let provider = traces::tests::provider(config, exporter.clone());
    let log = Log::default();
    let writer = {
        let log = log.clone();
        move || log.clone()
    };
    tracing::subscriber::with_default(subscriber(config, &provider, &Arc::default(), writer).unwrap(), code);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    Seen { lines: text.lines().map(str::to_owned).collect(), spans: exporter.get_finished_spans().unwrap() }
}

fn config(trace_ratio: f64) -> TelemetryConfig {
    TelemetryConfig { trace_ratio, log_format: LogFormat::Json, ..TelemetryConfig::default() }
}

/// Handles a request of a caller that has decided whether its trace is kept.
fn request_of(caller_keeps: bool, code: impl FnOnce()) {
    let flags = u8::from(caller_keeps);
    let headers = [("traceparent".to_owned(), format!("00-{TRACE_ID}-b2c9b811f2f424af-{flags:02}"))];
    let headers = std::collections::HashMap::from(headers);
    let request = span!(target: "otel::tracing", Level::TRACE, "request");
    request.set_parent(TraceContextPropagator::new().extract(&headers)).unwrap();
    request.in_scope(code);
}

#[test]
fn a_json_line_carries_the_callers_trace_id() {
    let seen = seen(&config(0.0), || request_of(false, || info!(room_id = 7, "joined")));

    let [line] = &seen.lines[..] else { panic!("{:?}", seen.lines) };
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["openTelemetry"]["traceId"], TRACE_ID, "{line}");
    assert_eq!((&line["message"], &line["room_id"]), (&"joined".into(), &7.into()), "{line}");
}

#[test]
fn a_readable_line_carries_the_callers_trace_id() {
    let config = TelemetryConfig { log_format: LogFormat::Pretty, ..config(0.0) };
    let seen = seen(&config, || request_of(false, || info!(room_id = 7, "joined")));

    let [line] = &seen.lines[..] else { panic!("{:?}", seen.lines) };
    assert!(line.contains("joined room_id=7") && line.ends_with(&format!(" trace_id={TRACE_ID}")), "{line}");
}

#[test]
fn a_level_below_the_request_spans_still_has_the_trace_id() {
    let config = TelemetryConfig { log: "warn".to_owned(), ..config(0.0) };
    let seen = seen(&config, || {
        request_of(false, || {
            info!("left out");
            tracing::warn!("kept");
        });
    });

    let [line] = &seen.lines[..] else { panic!("{:?}", seen.lines) };
    assert!(line.contains("kept") && line.contains(TRACE_ID), "{line}");
}

#[test]
fn the_caller_decides_whether_its_trace_is_kept() {
    assert_eq!(seen(&config(1e-9), || request_of(true, || {})).spans.len(), 1);
    assert_eq!(seen(&config(1.0), || request_of(false, || {})).spans.len(), 0);
}

#[test]
fn at_a_ratio_of_0_nothing_is_kept_and_the_callers_trace_goes_on() {
    let mut handed_on = String::new();
    let seen = seen(&TelemetryConfig { trace_slow: Duration::ZERO, ..config(0.0) }, || {
        request_of(true, || {
            tracing::error!("a failure");
            let mut headers = std::collections::HashMap::new();
            TraceContextPropagator::new().inject_context(&tracing::Span::current().context(), &mut headers);
            handed_on = headers.remove("traceparent").unwrap_or_default();
        });
    });

    assert_eq!(seen.spans, []);
    assert!(handed_on.starts_with(&format!("00-{TRACE_ID}-")) && handed_on.ends_with("-00"), "{handed_on}");
}

#[test]
fn off_there_is_no_span_and_lines_go_on() {
    let config = TelemetryConfig { switch: Switch::Off, ..config(1.0) };
    let seen = seen(&config, || info_span!("visit").in_scope(|| info!("joined")));
    assert_eq!((seen.spans.len(), seen.lines.len()), (0, 1));

    let telemetry = Telemetry::init(&config, "onsale-off").unwrap();
    telemetry.instruments().counter::<()>("onsale.joins", "Joins").add(1, ());
    assert_eq!(telemetry.render_metrics().unwrap(), "");
}

#[test]
fn lines_are_counted_by_level_as_they_are_written() {
    let lines = Arc::<LineCounts>::default();
    let provider = SdkTracerProvider::builder().build();
    let subscriber = subscriber(&config(0.0), &provider, &lines, io::sink).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        tracing::error!("one");
        tracing::error!("two");
        info!("three");
        tracing::debug!("not asked for");
    });
    let metrics = Metrics::new("onsale-test").unwrap();
    lines.be_watched(&Instruments::new(metrics.meter()));
    let text = metrics.render().unwrap();
    for (level, count) in [("error", 2), ("warn", 0), ("info", 1), ("debug", 0), ("trace", 0)] {
        let series = format!("onsale_log_lines_total{{level=\"{level}\"}} {count}\n");
        assert!(text.contains(&series), "{series}\n{text}");
    }
}

#[test]
fn the_ratio_decides_where_nobody_has() {
    let visit = || drop(info_span!("visit").entered());
    assert_eq!(seen(&config(1.0), visit).spans.len(), 1);
    assert_eq!(seen(&config(0.0), visit).spans.len(), 0);
}

#[test]
fn the_transports_inside_has_no_spans() {
    let seen = seen(&config(1.0), || {
        let _visit = info_span!("visit").entered();
        let _frame = info_span!(target: "h2::codec", "frame").entered();
        let _detail = span!(Level::DEBUG, "detail").entered();
    });

    let names: Vec<_> = seen.spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["visit"]);
}
