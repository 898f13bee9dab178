use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};
use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock as _};

use crate::{
    config::LimitsConfig,
    http::problem::{Problem, ProblemType},
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How often clients that have been quiet are forgotten.
const SWEEP: Duration = Duration::from_mins(1);

/// How many requests each client has made lately.
pub(crate) struct ClientLimit {
    clients: DefaultKeyedRateLimiter<IpAddr>,
    trusted_hops: usize,
}

impl ClientLimit {
    /// `None` where clients may make as many as they like.
    pub(crate) fn new(limits: &LimitsConfig) -> Option<Self> {
        let rate = NonZeroU32::new(limits.rate_limit_per_second)?;
        let burst = NonZeroU32::new(limits.rate_limit_burst).unwrap_or(NonZeroU32::MIN);
        let clients = DefaultKeyedRateLimiter::keyed(Quota::per_second(rate).allow_burst(burst));
        Some(Self { clients, trusted_hops: limits.trusted_hops.into() })
    }

    /// Forgets clients that have been quiet; never ends.
    pub(crate) async fn keep_small(self: Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP).await;
            self.clients.retain_recent();
            self.clients.shrink_to_fit();
        }
    }

    /// When a client may make its next request; `None` for at once.
    fn wait(&self, client: IpAddr) -> Option<Duration> {
        let refused = self.clients.check_key(&client).err()?;
        Some(refused.wait_time_from(self.clients.clock().now()))
    }
}

/// Refuses a client that asks more often than it may.
pub(super) async fn limit(
    State(limit): State<Arc<ClientLimit>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    match limit.wait(client(peer, request.headers(), limit.trusted_hops)) {
        Some(wait) => Err(Problem::new(ProblemType::TooManyRequests).with_retry_after(wait)),
        None => Ok(next.run(request).await),
    }
}

/// Who asks. Each trusted proxy has added the address that it was called from to the end of the list; what stands
/// before those, anybody can have written.
fn client(peer: IpAddr, headers: &HeaderMap, trusted_hops: usize) -> IpAddr {
    let Some(hops_before) = trusted_hops.checked_sub(1) else { return network(peer) };
    let lists = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let added: Vec<_> = lists.flat_map(|list| list.split(',')).map(str::trim).collect();
    let client = added.iter().rev().nth(hops_before).or(added.first());
    network(client.and_then(|text| text.parse().ok()).unwrap_or(peer))
}

/// One subscriber has a whole /64 of IPv6 addresses, and must not be as many clients.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client_of(forwarded: &[&str], trusted_hops: usize) -> String {
        let headers = forwarded.iter().map(|list| (FORWARDED_FOR, HeaderValue::from_str(list).unwrap()));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        client("10.0.0.9".parse().unwrap(), &map, trusted_hops).to_string()
    }

    #[test]
    fn only_what_trusted_proxies_added_counts() {
        assert_eq!(client_of(&["1.1.1.1"], 0), "10.0.0.9");
        assert_eq!(client_of(&["6.6.6.6, 1.1.1.1"], 1), "1.1.1.1");
        assert_eq!(client_of(&["6.6.6.6, 1.1.1.1, 10.0.0.2"], 2), "1.1.1.1");
        assert_eq!(client_of(&["6.6.6.6", "1.1.1.1, 10.0.0.2"], 2), "1.1.1.1");
        assert_eq!(client_of(&["1.1.1.1"], 2), "1.1.1.1");
        assert_eq!(client_of(&["nonsense"], 1), "10.0.0.9");
        assert_eq!(client_of(&[], 1), "10.0.0.9");
    }

    #[test]
    fn a_network_of_version_6_is_one_client() {
        assert_eq!(client_of(&["2001:db8:1:2:3:4:5:6"], 1), "2001:db8:1:2::");
        assert_eq!(client_of(&["::ffff:1.2.3.4"], 1), "1.2.3.4");
    }

    #[test]
    fn one_client_does_not_use_up_anothers_rate() {
        let limits =
            LimitsConfig { rate_limit_per_second: 1, rate_limit_burst: 2, ..LimitsConfig::default() };
        let limit = ClientLimit::new(&limits).unwrap();
        let (one, other) = ("1.1.1.1".parse().unwrap(), "2.2.2.2".parse().unwrap());
        assert_eq!((limit.wait(one), limit.wait(one)), (None, None));
        assert!(limit.wait(one).is_some_and(|wait| wait <= Duration::from_secs(1)));
        assert_eq!(limit.wait(other), None);
        assert!(ClientLimit::new(&LimitsConfig::default()).is_none());
    }
}
