//! `PROGRAM probe`: asks the copy that runs on this machine whether it is ready.
//!
//! Container health checks call it. An image so needs neither a shell nor an HTTP client for them, and the address is
//! the one that the program itself was told.

use std::{
    env,
    ffi::OsString,
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use clap::{CommandFactory as _, Parser};

use crate::{parse, run::complain};

/// The ops port waits for nothing, so one that takes this long is stuck.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nothing that the ops port says of readiness is longer.
const LONGEST: u64 = 64 * 1024;

/// Asks the copy that runs here whether it is ready, and ends: with 0 where it is, and with 1 and what is missing
/// where it is not.
#[derive(Debug, Parser)]
#[command(name = "probe")]
struct Probe {
    /// Where that copy serves its ops port
    #[arg(long, env = "ONSALE_OPS_LISTEN", default_value = crate::config::OPS_LISTEN)]
    ops_listen: SocketAddr,
}

/// Probes where the command line says so.
pub(crate) fn probe(service_name: &str) -> Option<ExitCode> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    if arguments.first()? != "probe" {
        return None;
    }
    let probe = match Probe::try_parse_from(arguments) {
        Ok(probe) => probe,
        Err(error) => return Some(parse::stop(&Probe::command(), &error).into_exit_code(service_name)),
    };
    Some(match ask(reached_at(probe.ops_listen)) {
        Ok(Answer { status: 200, .. }) => ExitCode::SUCCESS,
        Ok(Answer { status, body }) => {
            complain(service_name, &format!("not ready: {status} {}", body.trim()))
        }
        Err(error) => complain(service_name, &format!("ask the ops port: {error}")),
    })
}

/// Whoever listens on every address is reached on the loopback one.
fn reached_at(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        named @ (IpAddr::V4(_) | IpAddr::V6(_)) => named,
    };
    SocketAddr::new(ip, listen.port())
}

struct Answer {
    status: u16,
    body: String,
}

fn ask(ops: SocketAddr) -> io::Result<Answer> {
    let mut connection = TcpStream::connect_timeout(&ops, PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    write!(connection, "GET /readyz HTTP/1.1\r\nHost: {ops}\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    connection.take(LONGEST).read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer"))?;
    Ok(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_listens_everywhere_is_asked_on_the_loopback_address() {
        for (listens, reached) in [
            ("0.0.0.0:9464", "127.0.0.1:9464"),
            ("[::]:9464", "[::1]:9464"),
            ("10.1.2.3:9464", "10.1.2.3:9464"),
        ] {
            assert_eq!(reached_at(listens.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
