//! A channel whose calls are timed, to the end of the answer: a gRPC call's status comes last, behind its message.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Frame, SizeHint};
use tonic::{
    Code, Status,
    body::Body,
    codegen::{
        Bytes,
        http::{HeaderMap, Request, Response},
    },
    transport::{Channel, Error},
};
use tower::Service;

use super::{
    RpcCode,
    client_metrics::{Call, ClientMetrics},
};

/// A channel whose calls are timed.
#[derive(Clone, Debug)]
pub struct MeasuredChannel {
    channel: Channel,
    metrics: ClientMetrics,
}

impl MeasuredChannel {
    pub(super) const fn new(channel: Channel, metrics: ClientMetrics) -> Self {
        Self { channel, metrics }
    }
}

impl Service<Request<Body>> for MeasuredChannel {
    type Response = Response<MeasuredBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.channel.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let call = self.metrics.begin(request.uri().path());
        let answer = self.channel.call(request);
        Box::pin(async move {
            match answer.await {
                Ok(answer) => Ok(measured(answer, call)),
                Err(error) => {
                    call.end(RpcCode::Unavailable);
                    Err(error)
                }
            }
        })
    }
}

/// A refusal has its status in the headers, and no message.
fn measured(answer: Response<Body>, call: Call) -> Response<MeasuredBody> {
    let call = match code_in(answer.headers()) {
        Some(code) => {
            call.end(code);
            None
        }
        None => Some(call),
    };
    answer.map(|body| MeasuredBody { body, call })
}

fn code_in(headers: &HeaderMap) -> Option<RpcCode> {
    headers.get(Status::GRPC_STATUS).map(|code| Code::from_bytes(code.as_bytes()).into())
}

/// The body of an answer, which ends the call that it answers.
#[derive(Debug)]
pub struct MeasuredBody {
    body: Body,
    call: Option<Call>,
}

impl MeasuredBody {
    fn end(&mut self, code: RpcCode) {
        if let Some(call) = self.call.take() {
            call.end(code);
        }
    }
}

impl http_body::Body for MeasuredBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.end(code_in(trailers).unwrap_or(RpcCode::Unknown));
                }
            }
            Some(Err(status)) => self.end(status.code().into()),
            None => self.end(RpcCode::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
