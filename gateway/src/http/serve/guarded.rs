//! A connection with a guard before it, who answers requests from their bytes or leaves them to hyper.
//!
//! Bytes are taken for a request only where one begins. That is known while each request comes whole and alone, in one read, and after
//! the answer to the one before it: so do clients that neither pipeline nor send a request in pieces. Once it is not known hyper has
//! every byte, for as long as the connection lasts.

use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::Response,
};
use http_body_util::BodyExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::http::whole_request::WholeRequest;

/// A request that is larger is hyper's.
const LARGEST: usize = 2_048;
/// hyper closes a connection on which it sees no request for longer than `super::HEADER`, so that it has to see one now and then.
const UNSEEN: Duration = Duration::from_secs(5);

/// A connection, and what answers before hyper does.
pub(super) struct Guarded<S, G> {
    inner: S,
    guard: Option<G>,
    at: At,
    exchange: Exchange,
    /// What has been read and not been handed over: hyper looks for HTTP/2 through a window of 24 bytes.
    held: Vec<u8>,
}

/// Where in the conversation a connection is.
#[derive(Clone, Copy, Debug)]
enum At {
    /// The next byte is a request's first; hyper has seen none since then.
    Between(Instant),
    /// hyper has a request, whole and nothing else, and its answer is not all written.
    Within,
    /// Not known, for good.
    Unknown,
}

/// Whether hyper has all of the answer that it is to write. Clones speak of the same connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Exchange {
    is_over: Arc<AtomicBool>,
}

/// Ends an exchange when it is dropped.
struct Ends(Exchange);

impl Exchange {
    /// The exchange is over once hyper has let go of the answer's body.
    pub(super) fn ends_with(
        &self,
        answer: Response<Body>,
    ) -> Response<impl HttpBody<Data = Bytes, Error = axum::Error> + Send + use<>> {
        let ends = Ends(self.clone());
        // Errors stay as they are; the closure is dropped with the body, and what it holds with it.
        let holding = move |error| {
            let _ = &ends;
            error
        };
        answer.map(|body| body.map_err(holding))
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

impl<S, G> Guarded<S, G>
where
    S: AsyncRead + AsyncWrite + Unpin,
    G: Fn(&WholeRequest<'_>) -> Option<&'static [u8]>,
{
    /// A new connection, and the exchange that its answers have to be told to. Without a guard hyper has every byte.
    pub(super) fn new(inner: S, guard: Option<G>) -> (Self, Exchange) {
        let exchange = Exchange::default();
        let at = if guard.is_some() { At::Between(Instant::now()) } else { At::Unknown };
        (Self { inner, guard, at, exchange: exchange.clone(), held: Vec::new() }, exchange)
    }

    /// Reads on until there is something for hyper.
    fn poll_between(
        &mut self,
        since: Instant,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            // Not into hyper's buffer: each connection has one, and this one is in the processor's cache.
            let mut bytes = [MaybeUninit::uninit(); LARGEST];
            let mut read = ReadBuf::uninit(&mut bytes);
            ready!(Pin::new(&mut self.inner).poll_read(context, &mut read))?;
            let Some(answer) = WholeRequest::look(read.filled(), |whole| self.answer(since, whole)) else {
                self.hand_over(read.filled(), into);
                return Poll::Ready(Ok(()));
            };
            match Pin::new(&mut self.inner).poll_write(context, answer)? {
                Poll::Ready(written) if written == answer.len() => {}
                // Who leaves so many answers unread that the kernel has no room for one more has gone.
                Poll::Ready(_) | Poll::Pending => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            }
        }
    }

    fn answer(&mut self, since: Instant, request: Option<&WholeRequest<'_>>) -> Option<&'static [u8]> {
        let Some(request) = request else {
            self.at = At::Unknown;
            return None;
        };
        let guard = self.guard.as_ref().filter(|_| since.elapsed() < UNSEEN);
        let answer = guard.and_then(|guard| guard(request));
        if answer.is_none() {
            self.exchange.is_over.store(false, Ordering::Relaxed);
            self.at = At::Within;
        }
        answer
    }

    fn hand_over(&mut self, bytes: &[u8], into: &mut ReadBuf<'_>) {
        let (now, later) = bytes.split_at(bytes.len().min(into.remaining()));
        into.put_slice(now);
        self.held = later.to_vec();
    }
}

impl<S, G> AsyncRead for Guarded<S, G>
where
    S: AsyncRead + AsyncWrite + Unpin,
    G: Fn(&WholeRequest<'_>) -> Option<&'static [u8]> + Unpin,
{
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.held.is_empty() {
            let held = std::mem::take(&mut this.held);
            this.hand_over(&held, into);
            return Poll::Ready(Ok(()));
        }
        if let At::Between(since) = this.at {
            return this.poll_between(since, context, into);
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(context, into))?;
        if into.filled().len() > before {
            // The client does not wait for its answer.
            this.at = At::Unknown;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin, G: Unpin> AsyncWrite for Guarded<S, G> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// hyper flushes once it has written all that it has.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_flush(context))?;
        if matches!(self.at, At::Within) && self.exchange.is_over.load(Ordering::Relaxed) {
            self.at = At::Between(Instant::now());
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
