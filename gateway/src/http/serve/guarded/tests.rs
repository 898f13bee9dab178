use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{StatusCode, header},
};
use futures::stream;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream},
    task::yield_now,
    time::{advance, timeout},
};
use tower::ServiceExt as _;

use super::*;
use crate::http::serve::HEADER;

const REFUSED: &str = "/refused";
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nfull";

/// What a client asks for. Whatever the way there, the path decides the answer.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Refused,
    RefusedInChunks,
    /// Sent over with pauses in between.
    Slow,
    Head,
}

impl Asked {
    fn bytes(self) -> Vec<u8> {
        let text = match self {
            Self::Refused => "POST /refused HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n{}",
            Self::RefusedInChunks => {
                "POST /refused HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            }
            Self::Slow => "GET /slow HTTP/1.1\r\nhost: h\r\n\r\n",
            Self::Head => "HEAD /slow HTTP/1.1\r\nhost: h\r\n\r\n",
        };
        text.into()
    }

    const fn answer(self) -> (u16, &'static str) {
        match self {
            Self::Refused | Self::RefusedInChunks => (503, "full"),
            Self::Slow => (200, "abc"),
            Self::Head => (200, ""),
        }
    }
}

/// The service behind the guard, which refuses whom the guard refuses.
async fn behind(request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    // hyper ends a connection on which a body was left unread that is not all there.
    axum::body::to_bytes(request.into_body(), 100).await.unwrap();
    if path == REFUSED {
        let full = Response::builder().status(StatusCode::SERVICE_UNAVAILABLE);
        return full.body(Body::from("full")).unwrap();
    }
    let parts = stream::unfold(0, async |part| {
        for _ in 0..3 {
            yield_now().await;
        }
        let bytes = ["a", "b", "c"].get(part).map(|text| Bytes::from_static(text.as_bytes()))?;
        Some((Ok::<_, Infallible>(bytes), part + 1))
    });
    Response::builder().header(header::CONTENT_LENGTH, 3).body(Body::from_stream(parts)).unwrap()
}

/// A client's end of a connection, and how many requests got through to the service.
struct Client {
    stream: DuplexStream,
    read: Vec<u8>,
    through: Arc<AtomicUsize>,
}

impl Client {
    fn new() -> Self {
        let (stream, far) = tokio::io::duplex(64 * 1_024);
        let through = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&through);
        let guard = |request: &WholeRequest<'_>| (request.path == REFUSED).then_some(REFUSAL);
        let (far, exchange) = Guarded::new(far, Some(guard));
        let service = Router::new()
            .fallback(behind)
            .map_request(move |request: hyper::Request<hyper::body::Incoming>| {
                counted.fetch_add(1, Ordering::Relaxed);
                request.map(Body::new)
            })
            .map_response(move |response| exchange.ends_with(response));
        tokio::spawn(async move {
            let mut server = Builder::new(TokioExecutor::new());
            server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER);
            drop(server.serve_connection(TokioIo::new(far), TowerToHyperService::new(service)).await);
        });
        Self { stream, read: Vec::new(), through }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next answer.
    async fn answer(&mut self, has_body: bool) -> (u16, String) {
        loop {
            if let Some((status, body, length)) = parsed(&self.read, has_body) {
                self.read.drain(..length);
                return (status, body);
            }
            let read = self.stream.read_buf(&mut self.read).await.unwrap();
            assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    async fn ask(&mut self, asked: Asked) -> (u16, String) {
        self.send(&asked.bytes()).await;
        self.answer(!matches!(asked, Asked::Head)).await
    }

    fn through(&self) -> usize {
        self.through.load(Ordering::Relaxed)
    }
}

/// An answer that is there whole: status, body, and how long both are.
fn parsed(bytes: &[u8], has_body: bool) -> Option<(u16, String, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes).unwrap() else { return None };
    let length = response.headers.iter().find(|header| header.name == "content-length")?;
    let length: usize = std::str::from_utf8(length.value).unwrap().parse().unwrap();
    let end = head + if has_body { length } else { 0 };
    let body = bytes.get(head..end)?;
    Some((response.code?, String::from_utf8(body.to_vec()).unwrap(), end))
}

#[tokio::test]
async fn who_is_refused_by_the_guard_is_nobody_to_the_service() {
    let mut client = Client::new();
    for asked in [Asked::Refused, Asked::Refused, Asked::Slow, Asked::Refused, Asked::Head, Asked::Refused] {
        let (status, body) = asked.answer();
        assert_eq!(client.ask(asked).await, (status, body.to_owned()));
    }
    assert_eq!(client.through(), 2);
}

#[tokio::test]
async fn once_a_request_came_in_pieces_the_service_has_them_all() {
    let mut client = Client::new();
    let bytes = Asked::Refused.bytes();
    client.send(&bytes[..30]).await;
    for _ in 0..10 {
        yield_now().await;
    }
    client.send(&bytes[30..]).await;
    assert_eq!(client.answer(true).await.0, 503);
    assert_eq!(client.ask(Asked::Refused).await.0, 503);
    assert_eq!(client.through(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_on_which_everybody_is_refused_lives_on() {
    let mut client = Client::new();
    assert_eq!(client.ask(Asked::Slow).await.0, 200);
    for _ in 0..10 {
        advance(HEADER / 4).await;
        assert_eq!(client.ask(Asked::Refused).await.0, 503);
    }
    assert!((2..=6).contains(&client.through()), "now and then, not each: {}", client.through());
}

fn any_asked() -> impl Strategy<Value = Asked> {
    prop_oneof![
        4 => Just(Asked::Refused),
        1 => Just(Asked::RefusedInChunks),
        2 => Just(Asked::Slow),
        1 => Just(Asked::Head),
    ]
}

/// Sends requests, each in pieces of these sizes, without waiting for the answers to those that say so.
async fn conversation(asked: Vec<(Asked, bool, usize)>) -> Vec<(u16, String)> {
    let mut client = Client::new();
    let (mut due, mut answers) = (Vec::new(), Vec::new());
    for (asked, waits, piece) in asked {
        for piece in asked.bytes().chunks(piece) {
            client.send(piece).await;
            yield_now().await;
        }
        due.push(asked);
        if waits {
            for asked in due.drain(..) {
                answers.push(client.answer(!matches!(asked, Asked::Head)).await);
            }
        }
    }
    for asked in due {
        answers.push(client.answer(!matches!(asked, Asked::Head)).await);
    }
    answers
}

proptest! {
    #[test]
    fn whatever_comes_in_whatever_pieces_is_answered_in_its_order(
        asked in prop::collection::vec((any_asked(), any::<bool>(), prop_oneof![Just(1_000), 1_usize..90]), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let expected: Vec<_> = asked.iter().map(|(asked, ..)| asked.answer()).collect();
        let answers = runtime.block_on(async { timeout(Duration::from_secs(10), conversation(asked)).await.unwrap() });
        let answers: Vec<_> = answers.iter().map(|(status, body)| (*status, body.as_str())).collect();
        prop_assert_eq!(answers, expected);
    }
}
