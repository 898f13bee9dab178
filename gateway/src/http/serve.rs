mod guarded;
mod small_writes;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use onsale_process::Shutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use super::{Doorman, whole_request::WholeRequest};
use guarded::Guarded;
use small_writes::SmallWrites;

/// A caller that is slower to say what it wants holds a connection for nothing.
const HEADER: Duration = Duration::from_secs(15);
/// Out of file descriptors: some are free again after this.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves until the shutdown begins, then finishes what is in flight, then stops.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    doorman: Option<Doorman>,
    shutdown: &Shutdown,
) {
    let server = builder();
    let doorman = doorman.map(Arc::new);
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => spawn_connection((&server, &graceful), &router, doorman.clone(), (stream, peer)),
                Err(error) => rest_after(&error).await,
            },
            () = shutdown.soft().cancelled() => break,
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = shutdown.hard().cancelled() => tracing::warn!("connections are cut"),
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut server = Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER).keep_alive_timeout(HEADER);
    server
}

fn spawn_connection(
    (server, graceful): (&Builder<TokioExecutor>, &GracefulShutdown),
    router: &Router,
    doorman: Option<Arc<Doorman>>,
    (stream, peer): (TcpStream, SocketAddr),
) {
    // An answer is one small write, and must not wait for a larger one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection is gone");
        return;
    }
    let guard = doorman.map(|doorman| move |request: &WholeRequest<'_>| doorman.refusal(request));
    let (stream, exchange) = Guarded::new(SmallWrites(stream), guard);
    let service = router
        .clone()
        .map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        })
        .map_response(move |response| exchange.ends_with(response));
    let connection = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let connection = graceful.watch(connection.into_owned());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke");
        }
    });
}

async fn rest_after(error: &io::Error) {
    // A caller that went away before it was accepted is nothing to rest for.
    let is_callers = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !is_callers {
        tracing::error!(%error, "a connection is not accepted");
        tokio::time::sleep(ACCEPT_AGAIN).await;
    }
}
