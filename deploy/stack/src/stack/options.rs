use std::{net::SocketAddr, path::PathBuf};

/// How to run a whole Onsale. The default is one of each program, on ports of their own.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// Where data, keys and logs are kept, also afterwards.
    pub folder: PathBuf,
    /// How many of each program to run.
    pub copies: u16,
    /// Where the first gateway listens; further copies take the ports after it. `None` for ports of their own.
    pub listen: Option<SocketAddr>,
    /// Also start Prometheus with Onsale's rules, exporters, and a receiver of traces, which is the program
    /// `onsale-stack`.
    pub observe: bool,
    /// More settings of every program, such as `("ONSALE_LOG", "warn")`; they go before those of the environment,
    /// and not before those that the stack decides itself.
    pub settings: Vec<(String, String)>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            folder: PathBuf::from(".onsale"),
            copies: 1,
            listen: None,
            observe: false,
            settings: Vec::new(),
        }
    }
}

impl StackOptions {
    /// Where each copy of the gateway listens; none where they choose themselves.
    pub(super) fn listens(&self) -> impl Iterator<Item = SocketAddr> {
        let first = self.listen;
        (0..self.copies).filter_map(move |copy| first.map(|first| nth(first, copy)))
    }
}

/// The address of a gateway's copy: the ports after the first one's, unless the system chooses them.
pub(super) fn nth(first: SocketAddr, copy: u16) -> SocketAddr {
    let mut address = first;
    if first.port() != 0 {
        address.set_port(first.port().saturating_add(copy));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_the_gateway_listen_on_ports_in_a_row() {
        let listen = Some(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let options = StackOptions { copies: 3, listen, ..StackOptions::default() };
        let ports: Vec<_> = options.listens().map(|address| address.port()).collect();
        assert_eq!(ports, [8080, 8081, 8082]);
        assert_eq!(StackOptions { listen: None, ..options }.listens().count(), 0);
    }
}
