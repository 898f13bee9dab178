//! Receives spans by OTLP, keeps the latest traces in bounded memory, and shows them.
//!
//! For one machine: for more than what fits into memory there is Tempo, whose API this speaks where it says the same. It
//! listens where `ONSALE_LISTEN` says, for OTLP over gRPC, and shows traces on the ops port, as every program has one.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::Args;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::TraceServiceServer;
use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};

use super::signals::Signals;

mod kept;
mod otlp;
mod shown;
mod tempo;
mod web;

use kept::Traces;

/// A batch of spans may be larger than gRPC's usual 4 MiB.
const LARGEST_MESSAGE: usize = 16 << 20;

/// What the receiver can be told.
#[derive(Args)]
pub(super) struct TracesOptions {
    /// Where to take spans by OTLP over gRPC
    #[arg(long, env = "ONSALE_LISTEN", default_value = "127.0.0.1:4317")]
    listen: SocketAddr,

    /// Where to show traces, and to take spans by OTLP over HTTP
    #[arg(long, env = "ONSALE_OPS_LISTEN", default_value = "127.0.0.1:3200")]
    ops_listen: SocketAddr,

    /// How much to keep, in MiB; what is older is forgotten
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    keep: u32,

    /// Where to write the addresses that were opened, as JSON
    #[arg(long, env = "ONSALE_ADDRESS_FILE")]
    address_file: Option<PathBuf>,
}

/// Receives until somebody asks for the end.
pub(super) async fn receive(options: &TracesOptions) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen().context("listen to signals")?;
    let grpc = TcpListener::bind(options.listen).await.context("listen for spans")?;
    let ops = TcpListener::bind(options.ops_listen).await.context("listen for those who look")?;
    let traces = Arc::new(Traces::keeping(options.keep as usize * (1 << 20)));
    if let Some(file) = &options.address_file {
        announce(file, grpc.local_addr()?, ops.local_addr()?)?;
    }
    let service = TraceServiceServer::new(otlp::Receiver(Arc::clone(&traces)))
        .max_decoding_message_size(LARGEST_MESSAGE);
    let receives = Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(grpc));
    tokio::select! {
        ended = receives => ended.context("receive spans")?,
        ended = axum::serve(ops, web::router(traces, LARGEST_MESSAGE)).into_future() => ended.context("show traces")?,
        // Nothing is to be finished: what is kept is gone.
        () = signals.next() => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Whole or not at all, for who waits for the file to be there.
fn announce(file: &Path, grpc: SocketAddr, ops: SocketAddr) -> anyhow::Result<()> {
    let text = serde_json::json!({ "grpc": grpc, "ops": ops }).to_string();
    let unfinished = file.with_extension("unfinished");
    fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, file)).context("write the addresses")
}
