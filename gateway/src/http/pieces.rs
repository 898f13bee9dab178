use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// A body in pieces that others have too, so that nothing is copied to put it together. Its length is known.
#[derive(Debug)]
pub(crate) struct Pieces<const N: usize> {
    pieces: [Bytes; N],
    next: usize,
}

impl<const N: usize> Pieces<N> {
    pub(crate) const fn new(pieces: [Bytes; N]) -> Self {
        Self { pieces, next: 0 }
    }

    pub(crate) fn into_body(self) -> Body {
        Body::new(self)
    }
}

impl<const N: usize> HttpBody for Pieces<N> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.next;
        self.next += 1;
        let piece = self.pieces.get_mut(next).map(std::mem::take);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.next >= N
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum())
    }
}
