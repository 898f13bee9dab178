use fred::prelude::Value;

use super::StoreError;

/// Reads a script's flat reply value by value.
#[derive(Debug)]
pub(super) struct Reply {
    script: &'static str,
    values: std::vec::IntoIter<Value>,
}

impl Reply {
    pub(super) fn new(script: &'static str, values: Vec<Value>) -> Self {
        Self { script, values: values.into_iter() }
    }

    /// Whether everything was read.
    pub(super) fn is_empty(&self) -> bool {
        self.values.as_slice().is_empty()
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<String, StoreError> {
        self.values.next().and_then(|value| value.as_string()).ok_or_else(|| self.corrupt(field))
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<u64, StoreError> {
        self.parsed(field)
    }

    pub(super) fn float(&mut self, field: &'static str) -> Result<f64, StoreError> {
        self.parsed(field)
    }

    pub(super) fn signed(&mut self, field: &'static str) -> Result<i64, StoreError> {
        self.parsed(field)
    }

    /// A number, or 0 where the field was never written.
    pub(super) fn float_or_zero(&mut self, field: &'static str) -> Result<f64, StoreError> {
        let text = self.text(field)?;
        if text.is_empty() { Ok(0.0) } else { text.parse().map_err(|_| self.corrupt(field)) }
    }

    pub(super) fn corrupt(&self, field: &'static str) -> StoreError {
        StoreError::Corrupt { script: self.script, field }
    }

    fn parsed<T: std::str::FromStr>(&mut self, field: &'static str) -> Result<T, StoreError> {
        self.text(field)?.parse().map_err(|_| self.corrupt(field))
    }
}
