use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// Looks at a condition until it holds, for at most so long; `None` when it did not.
pub async fn until<T, F, Fut>(within: Duration, mut condition: F) -> Option<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + within;
    loop {
        if let Some(value) = timeout_at(deadline, condition()).await.ok()? {
            return Some(value);
        }
        if Instant::now() + INTERVAL >= deadline {
            return None;
        }
        sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_holds_in_the_end_is_returned() {
        let mut looks = 0;
        let seen = until(Duration::from_secs(5), || {
            looks += 1;
            let now = looks;
            async move { (now == 3).then_some(now) }
        });
        assert_eq!(seen.await, Some(3));
    }

    #[tokio::test]
    async fn what_never_holds_and_what_hangs_end_at_the_deadline() {
        let within = Duration::from_millis(40);
        assert_eq!(until(within, || async { None::<()> }).await, None);
        assert_eq!(until(within, std::future::pending::<Option<()>>).await, None);
    }
}
