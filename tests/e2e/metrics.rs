//! What programs count, read on their ops ports.

use onsale_stack::Service;

/// The sum of a metric's samples whose labels contain all of these texts; 0 where there is none.
pub(crate) async fn counted(program: &Service, metric: &str, labels: &[&str]) -> f64 {
    let (status, text) = program.ops("/metrics").await.expect("the ops port to answer");
    assert_eq!(status, 200);
    let samples = text.lines().filter_map(|line| line.rsplit_once(' '));
    samples
        .filter(|(name, _)| {
            name.strip_prefix(metric).is_some_and(|rest| rest.is_empty() || rest.starts_with('{'))
                && labels.iter().all(|label| name.contains(label))
        })
        .map(|(_, value)| value.parse::<f64>().unwrap())
        .sum()
}

/// How many calls of a gRPC method a service has answered.
pub(crate) async fn calls(service: &Service, method: &str) -> f64 {
    counted(service, "rpc_server_call_duration_seconds_count", &[&format!("/{method}\"")]).await
}

/// What a program says that it is missing, by name.
pub(crate) async fn missing(program: &Service) -> Vec<String> {
    let (_, text) = program.ops("/readyz").await.expect("the ops port to answer");
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    let missing = body["missing"].as_array().unwrap();
    missing.iter().map(|one| one["condition"].as_str().unwrap().to_owned()).collect()
}
