//! What a server has besides its methods: health, reflection, metrics, an end.

use onsale_proto::catalog::v1::{GetConcertRequest, ListConcertsRequest};
use sqlx::PgPool;
use tokio_stream::StreamExt as _;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::running::{Running, database_url};

#[sqlx::test]
async fn reflection_lists_the_service(pool: PgPool) {
    let catalog = Running::start(&pool).await;
    let mut client = ServerReflectionClient::new(catalog.channel().await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(services)) = answer else { panic!("{answer:?}") };
    let services: Vec<_> = services.service.into_iter().map(|service| service.name).collect();
    assert!(services.contains(&"onsale.catalog.v1.CatalogService".to_owned()), "{services:?}");
    drop(answers);
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn calls_are_measured_by_method_and_code(pool: PgPool) {
    let catalog = Running::start(&pool).await;
    let mut client = catalog.client().await;
    client.list_concerts(ListConcertsRequest::default()).await.unwrap();
    client.get_concert(GetConcertRequest { concert_id: 5 }).await.unwrap_err();
    let metrics = reqwest::get(format!("http://{}/metrics", catalog.ops_address)).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for (method, code) in [("ListConcerts", "OK"), ("GetConcert", "NOT_FOUND")] {
        let method = format!(r#"rpc_method="onsale.catalog.v1.CatalogService/{method}""#);
        let code = format!(r#"rpc_response_status_code="{code}""#);
        let count = metrics.lines().find(|line| {
            line.starts_with("rpc_server_call_duration_seconds_count{")
                && line.contains(&method)
                && line.contains(&code)
        });
        assert!(count.is_some_and(|line| line.ends_with(" 1")), "{metrics}");
    }
    catalog.stop().await.unwrap();
}

#[sqlx::test]
async fn stopping_finishes_what_is_in_flight(pool: PgPool) {
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE concert IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let arguments = ["--call-timeout-ms=20000", "--database-timeout-ms=20000"];
    let catalog = Running::start_with(&database_url(&pool), &arguments).await;
    catalog.until_ready_is(true).await;
    let mut client = catalog.client().await;
    let call = tokio::spawn(async move { client.list_concerts(ListConcertsRequest::default()).await });
    crate::limits::until_waiting(&pool, 1).await;

    catalog.shutdown.begin();
    catalog.until_ready_is(false).await;
    lock.rollback().await.unwrap();
    call.await.unwrap().unwrap();
    catalog.ended().await.unwrap();
}
