use std::collections::BTreeMap;

use crate::results::{Metric, Summary};

/// The name of a metric, or of a part of one, taken apart: `http_reqs{name:token,status:201}`. The generator writes the tags
/// as the script did, in its order and with its spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Submetric<'a> {
    pub(crate) metric: &'a str,
    pub(crate) tags: BTreeMap<&'a str, &'a str>,
}

impl<'a> Submetric<'a> {
    /// Takes a name apart.
    pub(crate) fn of(name: &'a str) -> Self {
        let (metric, rest) = name.split_once('{').unwrap_or((name, ""));
        let tags = rest.trim_end().trim_end_matches('}').split(',').filter_map(|tag| tag.split_once(':'));
        let tags = tags.map(|(key, value)| (key.trim(), value.trim())).collect();
        Self { metric: metric.trim(), tags }
    }

    /// Whether it has these tags; others may be there too.
    pub(crate) fn has(&self, tags: &[(&str, &str)]) -> bool {
        tags.iter().all(|(key, value)| self.tags.get(key) == Some(value))
    }
}

/// The part of a metric that has exactly these tags.
pub(crate) fn part<'a>(summary: &'a Summary, metric: &str, tags: &[(&str, &str)]) -> Option<&'a Metric> {
    let mut parts = summary.metrics.iter().map(|(name, metric)| (Submetric::of(name), metric));
    parts
        .find(|(name, _)| name.metric == metric && name.has(tags) && name.tags.len() == tags.len())
        .map(|(_, metric)| metric)
}

/// A value of the part of a metric that has exactly these tags.
pub(crate) fn value(summary: &Summary, metric: &str, tags: &[(&str, &str)], value: &str) -> Option<f64> {
    part(summary, metric, tags)?.values.get(value).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart_in_any_order_and_with_spaces() {
        let name = Submetric::of("http_reqs{ status:201, name:token }");
        assert_eq!(name.metric, "http_reqs");
        assert!(name.has(&[("name", "token"), ("status", "201")]));
        assert!(!name.has(&[("name", "tok")]));
        assert!(Submetric::of("http_reqs").tags.is_empty());
    }

    #[test]
    fn the_part_with_exactly_these_tags_is_taken() {
        let mut summary = Summary::default();
        for (name, count) in [("r", 9.0), ("r{a:1,b:2}", 2.0), ("r{a:1}", 5.0)] {
            let values = BTreeMap::from([("count".to_owned(), count)]);
            summary.metrics.insert(name.to_owned(), Metric { values, ..Metric::default() });
        }
        let count = |tags: &[(&str, &str)]| value(&summary, "r", tags, "count");
        assert_eq!(count(&[("a", "1")]), Some(5.0));
        assert_eq!(count(&[("b", "2"), ("a", "1")]), Some(2.0));
        assert_eq!(count(&[("b", "2")]), None);
        assert_eq!(count(&[]), Some(9.0));
    }
}
