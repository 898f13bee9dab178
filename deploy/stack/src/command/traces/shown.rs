//! Traces as text, for who looks by `curl`.

use std::fmt::Write as _;

use super::kept::{Counts, KeptSpan, Trace, TraceId};

/// A trace deeper than this is made to be, not measured.
const DEEPEST: usize = 64;

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The id in a path: hexadecimal, leading zeros may be left out.
pub(super) fn trace_id(text: &str) -> Option<TraceId> {
    let is_hex = !text.is_empty() && text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
    Some(number.to_be_bytes())
}

/// What has come, and the slowest traces.
pub(super) fn list(counts: Counts, traces: &[(TraceId, Trace)]) -> String {
    let Counts { spans_received, spans_refused, traces_forgotten, traces: kept, bytes } = counts;
    let mut text = format!(
        "{kept} traces are kept, {} KiB; {spans_received} spans have come, {spans_refused} were refused, \
         {traces_forgotten} traces are forgotten\n\n",
        bytes / 1024
    );
    for (id, trace) in traces {
        let Some(root) = trace.root() else { continue };
        let failed = if trace.spans.iter().any(KeptSpan::failed) { "failed" } else { "" };
        line(
            &mut text,
            format_args!(
                "{:>11}  {}  {:>3} spans  {:<15} {} {failed}",
                milliseconds(trace.nanos()),
                hex(id),
                trace.spans.len(),
                root.program(),
                root.span.name
            ),
        );
    }
    text
}

/// A trace as a tree: when each span began, counted from the first, how long it took, whose it is, and its name.
pub(super) fn tree(id: &TraceId, trace: &Trace) -> String {
    let mut text = String::new();
    let count = trace.spans.len();
    line(&mut text, format_args!("trace {}, {count} spans, {}", hex(id), milliseconds(trace.nanos())));
    line(&mut text, format_args!("{:>11} {:>11}", "began", "took"));
    for root in trace.roots() {
        branch(&mut text, trace, root, 0);
    }
    text
}

fn branch(text: &mut String, trace: &Trace, kept: &KeptSpan, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let (began, _) = trace.interval();
    let failed = if kept.failed() { "  failed" } else { "" };
    line(
        text,
        format_args!(
            "{:>11} {:>11}  {}{}  {}{failed}",
            milliseconds(kept.span.start_time_unix_nano.saturating_sub(began)),
            milliseconds(kept.nanos()),
            "  ".repeat(depth),
            kept.program(),
            kept.span.name
        ),
    );
    for child in trace.children(kept) {
        branch(text, trace, child, depth + 1);
    }
}

fn milliseconds(nanos: u64) -> String {
    format!("{}.{:03} ms", nanos / 1_000_000, nanos / 1_000 % 1_000)
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // A String takes whatever is written to it.
    let _ = writeln!(text, "{}", content.to_string().trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_people_write_it() {
        let id = trace_id("4BF92f3577b34da6a3ce929d0e0e4736").unwrap();
        assert_eq!(hex(&id), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(trace_id("1f"), Some(0x1f_u128.to_be_bytes()));
        for wrong in ["", "+1", "xyz", "4bf92f3577b34da6a3ce929d0e0e47361"] {
            assert_eq!(trace_id(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_in_milliseconds() {
        assert_eq!(milliseconds(1_234_567), "1.234 ms");
        assert_eq!(milliseconds(999), "0.000 ms");
    }
}
