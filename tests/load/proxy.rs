//! A gateway with something wrong: it passes everything on to a real one, and spoils what it was told to.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use reqwest::Client;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{calls::Call, spoil::Spoil};

/// More than anything that is sent.
const LARGEST: usize = 16 << 20;
/// Of one connection and not of what is sent over it. What is compressed could not be altered.
const OF_A_HOP: [header::HeaderName; 5] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::ACCEPT_ENCODING,
];

/// It ends with its value.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<Passing>,
    serving: JoinHandle<()>,
}

struct Passing {
    client: Client,
    gateway: String,
    spoil: Spoil,
    /// What is told another time each time is counted here.
    counter: AtomicU64,
    spoilt: AtomicU64,
}

impl Proxy {
    pub(crate) async fn start(gateway: &str, spoil: Spoil) -> Self {
        let client = Client::builder().no_proxy().build().unwrap();
        let (counter, spoilt) = (AtomicU64::new(0), AtomicU64::new(0));
        let state = Arc::new(Passing { client, gateway: gateway.to_owned(), spoil, counter, spoilt });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(pass).with_state(Arc::clone(&state));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, state, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How much was spoilt so far.
    pub(crate) fn spoilt(&self) -> u64 {
        self.state.spoilt.load(Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(State(passing): State<Arc<Passing>>, request: Request) -> Response {
    let call = Call::of(request.method(), request.uri().path());
    let late = passing.spoil.keeps(call);
    if !late.is_zero() {
        passing.count();
        tokio::time::sleep(late).await;
    }
    if let Some(status) = passing.spoil.instead(call, &passing.counter) {
        passing.count();
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    match passing.on(call, request).await {
        Ok(answer) => passing.back(call, answer).await,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Passing {
    fn count(&self) {
        self.spoilt.fetch_add(1, Relaxed);
    }

    async fn on(&self, call: Call, request: Request) -> reqwest::Result<reqwest::Response> {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let body = to_bytes(body, LARGEST).await.unwrap_or_default();
        let body = self.altered(body, |json| self.spoil.request(&head.method, call, json));
        let onward = self.client.request(head.method, format!("{}{path}", self.gateway));
        onward.headers(passed_on(head.headers)).body(body).send().await
    }

    async fn back(&self, call: Call, answer: reqwest::Response) -> Response {
        let (status, headers) = (answer.status(), passed_on(answer.headers().clone()));
        let Ok(body) = answer.bytes().await else { return StatusCode::BAD_GATEWAY.into_response() };
        let body = self.altered(body, |json| self.spoil.answer(call, status.as_u16(), json, &self.counter));
        (status, headers, Body::from(body)).into_response()
    }

    /// What is not altered stays as it is, byte for byte.
    fn altered(&self, body: Bytes, alter: impl FnOnce(&mut Value) -> bool) -> Bytes {
        let Ok(mut json) = serde_json::from_slice::<Value>(&body) else { return body };
        if !alter(&mut json) {
            return body;
        }
        self.count();
        json.to_string().into()
    }
}

fn passed_on(mut headers: HeaderMap) -> HeaderMap {
    for name in OF_A_HOP {
        headers.remove(name);
    }
    headers
}
