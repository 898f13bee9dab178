//! The gRPC health protocol, answered from [`Readiness`].

use tonic_health::{
    ServingStatus,
    pb::health_server::{Health, HealthServer},
    server::{HealthReporter, health_reporter},
};

use crate::Readiness;

/// The health service of a server that offers `services`: the server as a whole (the empty name) and each of them
/// answer `SERVING` while the program is ready. Follows the readiness as long as the runtime lives.
pub async fn service(readiness: &Readiness, services: &'static [&'static str]) -> HealthServer<impl Health> {
    let (reporter, server) = health_reporter();
    let ready = readiness.is_ready();
    report(&reporter, services, ready).await;
    tokio::spawn(follow(readiness.clone(), reporter, services, ready));
    server
}

async fn follow(
    readiness: Readiness,
    reporter: HealthReporter,
    services: &'static [&'static str],
    mut ready: bool,
) {
    loop {
        readiness.until(!ready).await;
        ready = !ready;
        report(&reporter, services, ready).await;
    }
}

async fn report(reporter: &HealthReporter, services: &[&'static str], ready: bool) {
    let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
    for service in services.iter().chain([&""]) {
        reporter.set_service_status(service, status).await;
    }
}
