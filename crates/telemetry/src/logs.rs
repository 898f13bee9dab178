//! How log lines look.

mod lines;

use std::{fmt, sync::Arc};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    fmt::{
        FmtContext, FormatEvent, FormatFields, MakeWriter,
        format::{Format, Full, Writer},
    },
    registry::LookupSpan,
};

use crate::{LogFormat, TelemetryConfig, TelemetryError, traces};
use lines::LineCounter;
pub(crate) use lines::LineCounts;

/// The layer that writes log lines, and counts them.
pub(crate) fn layer<S, W>(
    config: &TelemetryConfig,
    lines: Arc<LineCounts>,
    writer: W,
) -> Result<Box<dyn Layer<S> + Send + Sync>, TelemetryError>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // A layer sees only the spans that its own filter lets through, and without the request's span a line
    // would have no trace id. Those spans are never written as lines.
    // The SDK tells at INFO of its own course, which is nobody's news; what is asked for comes after it and counts.
    let directives = format!("opentelemetry_sdk=warn,{},{}=trace", config.log, traces::REQUEST_SPANS);
    let filter = EnvFilter::try_new(directives).map_err(|error| TelemetryError::Log(error.to_string()))?;
    Ok(match config.log_format {
        LogFormat::Json => json_subscriber::layer()
            .with_writer(writer)
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_opentelemetry_ids(true)
            .and_then(LineCounter(lines))
            .with_filter(filter)
            .boxed(),
        LogFormat::Pretty => tracing_subscriber::fmt::layer()
            .with_writer(writer)
            .event_format(WithTraceId(Format::default().with_ansi(false)))
            .and_then(LineCounter(lines))
            .with_filter(filter)
            .boxed(),
    })
}

/// A readable line that ends with the trace id, where there is one.
struct WithTraceId(Format<Full>);

impl<S, N> FormatEvent<S, N> for WithTraceId
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        writer.write_str(line.trim_end_matches('\n'))?;
        if let Some(trace_id) = traces::current_trace_id() {
            write!(writer, " trace_id={trace_id}")?;
        }
        writeln!(writer)
    }
}
