use opentelemetry_proto::tonic::trace::v1::ScopeSpans;

use super::*;

fn spans(spans: Vec<Span>) -> Vec<ResourceSpans> {
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }]
}

fn span(trace: u8, id: u8, parent: u8, began: u64) -> Span {
    Span {
        trace_id: vec![trace; 16],
        span_id: vec![id; 8],
        parent_span_id: if parent == 0 { Vec::new() } else { vec![parent; 8] },
        start_time_unix_nano: began,
        end_time_unix_nano: began + 10,
        ..Span::default()
    }
}

#[test]
fn memory_is_bounded_and_the_oldest_is_forgotten() {
    let traces = Traces::keeping(10 * PER_SPAN);
    for trace in 1..=100 {
        traces.add(spans(vec![span(trace, 1, 0, 0)]));
        assert!(traces.counts().bytes <= 10 * PER_SPAN);
    }
    let counts = traces.counts();
    assert_eq!(counts.spans_received, 100);
    assert!(counts.traces > 3 && counts.traces < 10, "{counts:?}");
    assert_eq!(counts.traces_forgotten, 100 - counts.traces as u64);
    assert!(traces.get(&[1; 16]).is_none());
    assert!(traces.get(&[100; 16]).is_some());
    // A single trace that is larger than all that is kept.
    traces.add(spans((1..=100).map(|id| span(200, id, 0, 0)).collect()));
    assert_eq!((traces.counts().traces, traces.counts().bytes), (0, 0));
}

#[test]
fn a_span_without_a_trace_is_refused_and_counted() {
    let traces = Traces::keeping(1 << 20);
    let wrong = Span { trace_id: vec![1; 3], ..Span::default() };
    assert_eq!(traces.add(spans(vec![wrong, span(0, 1, 0, 0), span(1, 1, 0, 0)])), 2);
    assert_eq!(traces.counts().traces, 1);
}

#[test]
fn a_trace_is_a_tree_in_the_order_of_time_whatever_order_it_came_in() {
    let traces = Traces::keeping(1 << 20);
    traces.add(spans(vec![span(1, 4, 2, 30), span(1, 3, 2, 20)]));
    // The client's span, 9, is not here.
    traces.add(spans(vec![span(1, 2, 9, 10)]));
    let trace = traces.get(&[1; 16]).unwrap();
    let ids = |found: Vec<&KeptSpan>| found.iter().map(|kept| kept.span.span_id[0]).collect::<Vec<_>>();
    assert_eq!(ids(trace.roots()), [2]);
    assert_eq!(ids(trace.children(trace.root().unwrap())), [3, 4]);
    assert_eq!(trace.nanos(), 30);
}
