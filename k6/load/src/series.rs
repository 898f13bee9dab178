//! What Prometheus kept of a run: the generator's and the servers' side on one time axis.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Url};
use serde_json::Value;

use crate::results::{Line, Series};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Prometheus takes in what the servers say each second, and what k6 sends within a push.
const STEP_MS: u64 = 1_000;
/// Of a long run so many values of a line are enough.
const MOST_VALUES: u64 = 900;
/// What is asked, by the name that it is kept under. `RUN` is the run's tag, `OVER` what rates are taken over.
const QUESTIONS: [(&str, &str); 15] = [
    ("client_p50", "histogram_quantile(0.5, sum by (name) (rate(k6_http_req_duration_seconds{RUN}[OVER])))"),
    ("client_p95", "histogram_quantile(0.95, sum by (name) (rate(k6_http_req_duration_seconds{RUN}[OVER])))"),
    ("client_p99", "histogram_quantile(0.99, sum by (name) (rate(k6_http_req_duration_seconds{RUN}[OVER])))"),
    ("client_rate", "sum by (name, status) (rate(k6_http_reqs_total{RUN}[OVER]))"),
    ("client_iterations", "sum(rate(k6_iterations_total{RUN}[OVER]))"),
    ("client_dropped", "sum(rate(k6_dropped_iterations_total{RUN}[OVER]))"),
    ("client_vus", "sum(k6_vus{RUN})"),
    (
        "server_p99",
        "histogram_quantile(0.99, sum by (le, http_route) (rate(http_server_request_duration_seconds_bucket[OVER])))",
    ),
    ("server_rate", "sum by (http_route) (rate(http_server_request_duration_seconds_count[OVER]))"),
    ("in_flight", "sum(http_server_active_requests)"),
    ("problems", "sum by (kind) (rate(onsale_gateway_problems_total[OVER]))"),
    (
        "seats_age_p99",
        "histogram_quantile(0.99, sum by (le) (rate(onsale_gateway_seats_age_seconds_bucket[OVER])))",
    ),
    ("room_view_age", "max(onsale_gateway_room_view_age_seconds)"),
    ("keys", "sum(redis_db_keys)"),
    ("rows", "sum(pg_stat_database_tup_inserted - pg_stat_database_tup_deleted)"),
];

/// Why there are no series.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// Prometheus does not answer.
    #[error("prometheus does not answer")]
    Asked(#[from] reqwest::Error),
    /// Its address is none.
    #[error("the address of prometheus: {0}")]
    Address(String),
    /// It refuses what it was asked.
    #[error("prometheus refuses {question}: {reason}")]
    Refused {
        /// What was asked.
        question: &'static str,
        /// What it says.
        reason: String,
    },
}

/// Asks for everything between two instants, in Unix milliseconds.
///
/// # Errors
/// Prometheus does not answer, or refuses.
pub async fn read(prometheus: &str, test_id: &str, (from, to): (u64, u64)) -> Result<Series, SeriesError> {
    let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let mut lines = BTreeMap::new();
    let step_seconds = step_seconds(to.saturating_sub(from));
    for (name, question) in QUESTIONS {
        let run = format!("testid=\"{test_id}\"");
        let over = if name.starts_with("client") { "5s" } else { "15s" };
        let query = question.replace("RUN", &run).replace("OVER", over);
        let range = [
            ("query", query),
            ("start", seconds(from)),
            ("end", seconds(to)),
            ("step", step_seconds.to_string()),
        ];
        let url = Url::parse_with_params(&format!("{prometheus}/api/v1/query_range"), range);
        let url = url.map_err(|error| SeriesError::Address(error.to_string()))?;
        let mut answer: Value = client.get(url).send().await?.json().await?;
        if answer["status"] != "success" {
            let reason = answer["error"].as_str().unwrap_or_default().to_owned();
            return Err(SeriesError::Refused { question: name, reason });
        }
        lines.insert(name.to_owned(), of_matrix(&answer["data"]["result"].take()));
    }
    Ok(Series { step_seconds: f64::from(step_seconds), lines })
}

/// Seconds between two values of a run that lasted so many milliseconds.
fn step_seconds(lasted_ms: u64) -> u32 {
    let step = lasted_ms.div_ceil(MOST_VALUES * STEP_MS).max(1);
    u32::try_from(step).unwrap_or(u32::MAX)
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}

fn of_matrix(result: &Value) -> Vec<Line> {
    result.as_array().into_iter().flatten().map(line).filter(|line| !line.values.is_empty()).collect()
}

fn line(series: &Value) -> Line {
    let labels = series["metric"].as_object().into_iter().flatten();
    let labels =
        labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    Line { labels, values: series["values"].as_array().into_iter().flatten().filter_map(value).collect() }
}

/// Instants without a number have no value: a quantile of nothing is NaN.
fn value(pair: &Value) -> Option<(u64, f64)> {
    let at = Duration::try_from_secs_f64(pair[0].as_f64()?).ok()?;
    let value: f64 = pair[1].as_str()?.parse().ok()?;
    value.is_finite().then_some((u64::try_from(at.as_millis()).ok()?, value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_run_has_values_further_apart() {
        assert_eq!([0, 40_000, 900_000, 900_001, 3_600_000].map(step_seconds), [1, 1, 1, 2, 4]);
    }

    #[test]
    fn values_that_are_none_are_left_out() {
        let result = json!([
            {"metric": {"name": "token"}, "values": [[1.5, "0.25"], [2.5, "NaN"]]},
            {"metric": {"name": "leave"}, "values": [[1.5, "NaN"]]},
        ]);
        let lines = of_matrix(&result);
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].labels["name"].as_str(), &lines[0].values), ("token", &vec![(1_500, 0.25)]));
    }
}
