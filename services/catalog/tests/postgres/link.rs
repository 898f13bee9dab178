//! The wire between a catalog and Postgres, in a test's hands: it can be cut, frozen and mended,
//! and it counts the statements that go over it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

#[derive(Clone, Copy, Debug)]
struct State {
    mode: Mode,
    /// Grows with each partition; what was connected before it stays silent for good.
    side: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Open,
    /// Connections stay, and nothing goes through.
    Frozen,
    /// No connection, and no new one.
    Cut,
}

/// A wire. It ends with this value.
pub(crate) struct Link {
    address: SocketAddr,
    database_url: String,
    state: watch::Sender<State>,
    executed: Arc<AtomicU64>,
    _forwarding: JoinSet<()>,
}

impl Link {
    /// A wire to the server of a test's database, open or still cut.
    pub(crate) async fn to(pool: &PgPool, open: bool) -> Self {
        let options = pool.connect_options();
        let server = format!("{}:{}", options.get_host(), options.get_port());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = watch::Sender::new(State { mode: if open { Mode::Open } else { Mode::Cut }, side: 0 });
        let executed = Arc::new(AtomicU64::new(0));
        let mut forwarding = JoinSet::new();
        forwarding.spawn(forward(listener, server, state.subscribe(), Arc::clone(&executed)));
        let database = options.get_database().expect("a database");
        let database_url =
            format!("postgres://{}@{address}/{database}?sslmode=disable", options.get_username());
        Self { address, database_url, state, executed, _forwarding: forwarding }
    }

    /// The database, over this wire.
    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    pub(crate) fn cut(&self) {
        self.turn(Mode::Cut);
    }

    pub(crate) fn freeze(&self) {
        self.turn(Mode::Frozen);
    }

    pub(crate) fn mend(&self) {
        self.turn(Mode::Open);
    }

    /// Leaves the connections that there are silent for good, and lets new ones in.
    pub(crate) fn partition(&self) {
        self.state.send_modify(|state| state.side += 1);
    }

    fn turn(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// How many statements have gone over the wire.
    pub(crate) fn executed(&self) -> u64 {
        self.executed.load(Ordering::SeqCst)
    }

    /// Waits until the wire refuses connections.
    pub(crate) async fn until_refused(&self) {
        while TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

async fn forward(
    listener: TcpListener,
    server: String,
    mut state: watch::Receiver<State>,
    executed: Arc<AtomicU64>,
) {
    let address = listener.local_addr().expect("an address");
    let mut listener = Some(listener);
    loop {
        if state.wait_for(|state| state.mode != Mode::Cut).await.is_err() {
            return;
        }
        let listening = match listener.take() {
            Some(listening) => listening,
            None => TcpListener::bind(address).await.expect("the port is still ours"),
        };
        let (mut wires, mut cutting) = (JoinSet::new(), state.clone());
        loop {
            tokio::select! {
                accepted = listening.accept() => {
                    let (near, _) = accepted.expect("a connection");
                    wires.spawn(wire(near, server.clone(), state.clone(), Arc::clone(&executed)));
                }
                cut = cutting.wait_for(|state| state.mode == Mode::Cut) => {
                    if cut.is_err() {
                        return;
                    }
                    break;
                }
            }
        }
    }
}

async fn wire(near: TcpStream, server: String, state: watch::Receiver<State>, executed: Arc<AtomicU64>) {
    let far = TcpStream::connect(server).await.expect("the server listens");
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    tokio::join!(
        pass(
            near_read,
            far_write,
            state.clone(),
            Some(Counter { executed, pending: Vec::new(), begun: false })
        ),
        pass(far_read, near_write, state, None),
    );
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<State>,
    mut counter: Option<Counter>,
) {
    let side = state.borrow().side;
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if state.wait_for(|state| state.mode == Mode::Open && state.side == side).await.is_err() {
            return;
        }
        if let Some(counter) = &mut counter {
            counter.see(&buffer[..length]);
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// Counts the messages that have the server execute something: `Execute` and `Query`.
struct Counter {
    executed: Arc<AtomicU64>,
    pending: Vec<u8>,
    /// The first message, of the start-up, has no type.
    begun: bool,
}

impl Counter {
    fn see(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        loop {
            let head = usize::from(self.begun);
            let Some(length) = self.pending.get(head..head + 4) else { return };
            let length = u32::from_be_bytes(length.try_into().expect("four bytes")) as usize;
            if self.pending.len() < head + length {
                return;
            }
            if self.begun && matches!(self.pending[0], b'E' | b'Q') {
                self.executed.fetch_add(1, Ordering::SeqCst);
            }
            self.begun = true;
            self.pending.drain(..head + length);
        }
    }
}
