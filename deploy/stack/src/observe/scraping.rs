use std::{fmt::Write as _, net::SocketAddr, time::Duration};

/// Something that Prometheus asks.
#[derive(Clone, Debug)]
pub struct ScrapeTarget {
    /// What it is: `gateway`, `queue`, `catalog`, `redis`, `postgres`, `node`.
    pub job: String,
    /// Which of them it is, such as `gateway-1`: a name that stays when an address does not.
    pub instance: String,
    /// Where it serves `/metrics`.
    pub address: SocketAddr,
}

impl ScrapeTarget {
    /// Something that Prometheus asks.
    #[must_use]
    pub fn new(job: impl Into<String>, instance: impl Into<String>, address: SocketAddr) -> Self {
        Self { job: job.into(), instance: instance.into(), address }
    }
}

/// The rules that are shipped, as files of these names.
pub(super) const RULES: [(&str, &str); 3] = [
    ("recording.yml", include_str!("../../../prometheus/rules/recording.yml")),
    ("slo.yml", include_str!("../../../prometheus/rules/slo.yml")),
    ("alerts.yml", include_str!("../../../prometheus/rules/alerts.yml")),
];

/// Prometheus' configuration.
pub(super) fn configuration(targets: &[ScrapeTarget], every: Duration, itself: SocketAddr) -> String {
    let every = every.as_millis();
    let mut text = format!(
        "global:\n  scrape_interval: {every}ms\n  scrape_timeout: {every}ms\n  evaluation_interval: {every}ms\n\
         rule_files: [rules/*.yml]\nscrape_configs:\n"
    );
    let itself = ScrapeTarget::new("prometheus", "prometheus", itself);
    let mut targets: Vec<&ScrapeTarget> = targets.iter().chain([&itself]).collect();
    targets.sort_by(|one, other| one.job.cmp(&other.job));
    for job in targets.chunk_by(|one, other| one.job == other.job) {
        // A String takes whatever is written to it.
        let _ = writeln!(text, "  - job_name: {}\n    static_configs:", job[0].job);
        for ScrapeTarget { instance, address, .. } in job {
            let _ = writeln!(
                text,
                "      - {{ targets: [\"{address}\"], labels: {{ instance: \"{instance}\" }} }}"
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_a_program_are_one_job() {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let targets = [
            ScrapeTarget::new("queue", "queue-1", address(1)),
            ScrapeTarget::new("gateway", "gateway-1", address(2)),
            ScrapeTarget::new("queue", "queue-2", address(3)),
        ];
        let text = configuration(&targets, Duration::from_secs(5), address(9));
        let lines: Vec<_> = text.lines().skip(6).collect();
        assert_eq!(
            lines,
            [
                "  - job_name: gateway",
                "    static_configs:",
                r#"      - { targets: ["127.0.0.1:2"], labels: { instance: "gateway-1" } }"#,
                "  - job_name: prometheus",
                "    static_configs:",
                r#"      - { targets: ["127.0.0.1:9"], labels: { instance: "prometheus" } }"#,
                "  - job_name: queue",
                "    static_configs:",
                r#"      - { targets: ["127.0.0.1:1"], labels: { instance: "queue-1" } }"#,
                r#"      - { targets: ["127.0.0.1:3"], labels: { instance: "queue-2" } }"#,
            ]
        );
        assert!(text.starts_with("global:\n  scrape_interval: 5000ms\n"), "{text}");
    }
}
