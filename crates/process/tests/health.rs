//! The gRPC health protocol follows the readiness.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use onsale_process::{Readiness, bind, health};
use tokio::{net::TcpListener, time::timeout};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

const SERVICE: &str = "onsale.queue.v1.QueueService";

async fn client(readiness: &Readiness) -> HealthClient<Channel> {
    let listener: TcpListener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let health = health::service(readiness, &[SERVICE]).await;
    tokio::spawn(Server::builder().add_service(health).serve_with_incoming(TcpListenerStream::new(listener)));
    let channel = Channel::from_shared(format!("http://{address}")).unwrap();
    HealthClient::new(channel.connect().await.unwrap())
}

#[tokio::test]
async fn watchers_learn_of_each_change() {
    let readiness = Readiness::new();
    let store = readiness.condition("store");
    let mut client = client(&readiness).await;
    for service in ["", SERVICE] {
        let mut changes =
            client.watch(HealthCheckRequest { service: service.to_owned() }).await.unwrap().into_inner();
        let steps: [(ServingStatus, &dyn Fn()); 3] = [
            (ServingStatus::NotServing, &|| store.ready()),
            (ServingStatus::Serving, &|| store.unready("gone")),
            (ServingStatus::NotServing, &|| {}),
        ];
        for (expected, next) in steps {
            let change = timeout(Duration::from_secs(10), changes.message()).await.expect("a change");
            assert_eq!(change.unwrap().unwrap().status(), expected, "{service}");
            next();
        }
    }
}
