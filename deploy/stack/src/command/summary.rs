use std::fmt::Write as _;

use onsale_stack::Stack;

/// What is said when everything is ready: where it is, and what to try first.
pub(super) fn text(stack: &Stack) -> String {
    let folder = stack.folder();
    let mut text = String::from("\nOnsale is up.\n\n");
    let groups = [("http", &stack.gateways), ("grpc", &stack.catalogs), ("grpc", &stack.queues)];
    for (name, program) in
        groups.iter().flat_map(|(name, programs)| programs.iter().map(move |one| (name, one)))
    {
        line(&mut text, program.name(), &format!("{:<30} ops {}", program.url(name), program.url("ops")));
    }
    line(&mut text, "redis", &format!("127.0.0.1:{}", stack.redis.port()));
    line(&mut text, "postgres", &format!("127.0.0.1:{}, database onsale", stack.postgres.port()));
    if let Some(observers) = &stack.observers {
        let traces = &observers.traces;
        line(&mut text, "prometheus", &observers.prometheus.url());
        line(&mut text, "traces", &format!("{}/traces, spans to {}", traces.url("ops"), traces.url("grpc")));
    }
    line(&mut text, "operator key", &folder.key("operator").display().to_string());
    line(&mut text, "logs", &folder.logs().display().to_string());
    let gateway = stack.gateways.first().map(|gateway| gateway.url("http")).unwrap_or_default();
    let _ = write!(
        text,
        "\nThe API is described at {gateway}/docs. Take a place in the line:\n\n  \
         curl -s {gateway}/api/queues/token -H 'content-type: application/json' -d '{{\"userId\": 1}}'\n"
    );
    if let Some(observers) = &stack.observers {
        observing(&mut text, &gateway, &observers.prometheus.url(), &observers.traces.url("ops"));
    }
    text
}

/// What is kept of a trace is decided where it begins, and whoever calls may begin it.
fn observing(text: &mut String, gateway: &str, prometheus: &str, traces: &str) {
    let id = "0af7651916cd43dd8448eb211c80319c";
    let _ = write!(
        text,
        "\nWhich alerts fire, and where the time of one request went:\n\n  \
         curl -s {prometheus}/api/v1/alerts\n  \
         curl -s {gateway}/api/concerts -H 'traceparent: 00-{id}-b7ad6b7169203331-01'\n  \
         curl -s {traces}/traces/{id}\n"
    );
}

fn line(text: &mut String, name: &str, value: &str) {
    // A String takes whatever is written to it.
    let _ = writeln!(text, "  {name:<20} {}", value.trim_end());
}
