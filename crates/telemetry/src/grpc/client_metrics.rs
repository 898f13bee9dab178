use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use super::{CallLabels, RpcCode, RpcMethod, RpcSystem};
use crate::{Histogram, Instruments};

/// More methods than the contracts have.
const MOST_METHODS: usize = 64;

/// What is measured of the calls that a program makes. Clones share the instrument.
#[derive(Clone, Debug)]
pub struct ClientMetrics {
    duration: Histogram<CallLabels>,
    methods: Arc<Methods>,
}

impl ClientMetrics {
    /// Makes the instrument.
    #[must_use]
    pub fn new(instruments: &Instruments) -> Self {
        let duration = instruments.durations(
            "rpc.client.call.duration",
            "How long a gRPC call took that was made, to the end of its answer, by method and status code",
        );
        Self { duration, methods: Arc::default() }
    }

    /// A call begins; the path is that of its request, `/package.Service/Method`.
    pub(super) fn begin(&self, path: &str) -> Call {
        let method = self.methods.named(path.strip_prefix('/').unwrap_or(path));
        Call { metrics: self.clone(), method, began: Instant::now(), code: RpcCode::Cancelled }
    }
}

/// A call that was made. Dropped before its end it counts as cancelled: whoever made it waits no longer.
#[derive(Debug)]
pub(super) struct Call {
    metrics: ClientMetrics,
    method: RpcMethod,
    began: Instant,
    code: RpcCode,
}

impl Call {
    /// It has ended so.
    pub(super) fn end(mut self, code: RpcCode) {
        self.code = code;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.metrics.duration.took(self.began.elapsed(), (RpcSystem::Grpc, self.method, self.code));
    }
}

/// The names of the methods that were called, kept for good since a label lives as long as the program.
///
/// The paths of calls are texts of the generated clients, so there are as many as the contracts have methods. The type
/// does not say so, hence the bound: what comes after it is `other`.
#[derive(Debug, Default)]
struct Methods(RwLock<BTreeSet<&'static str>>);

impl Methods {
    fn named(&self, name: &str) -> RpcMethod {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        RpcMethod(known.unwrap_or_else(|| self.learn(name)))
    }

    fn learn(&self, name: &str) -> &'static str {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = known.get(name) {
            return name;
        }
        if known.len() >= MOST_METHODS {
            return "other";
        }
        let name: &'static str = Box::leak(name.into());
        known.insert(name);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_more_methods_than_the_bound() {
        let methods = Methods::default();
        for number in 0..MOST_METHODS {
            let name = format!("onsale.test.v1.TestService/Do{number}");
            assert_eq!(methods.named(&name).0, name);
        }
        assert_eq!(methods.named("onsale.test.v1.TestService/OneMore").0, "other");
        assert_eq!(methods.named("onsale.test.v1.TestService/Do7").0, "onsale.test.v1.TestService/Do7");
    }
}
