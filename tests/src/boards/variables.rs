use std::time::Duration;

/// What the variables of a board stand for. Choices, such as of a room, are always all there are.
#[derive(Clone, Copy, Debug)]
pub struct Variables {
    /// What rates are taken over. Grafana takes at least four scrapes.
    pub rate_interval: Duration,
    /// The time that the board shows.
    pub range: Duration,
}

impl Default for Variables {
    fn default() -> Self {
        Self { rate_interval: Duration::from_secs(15), range: Duration::from_mins(10) }
    }
}

/// The variables that choose among label values; boards match them by regular expression.
const CHOICES: [&str; 4] = ["$instance", "$room", "$concert", "$testid"];

impl Variables {
    /// The expression with every variable filled in.
    #[must_use]
    pub fn fill_in(&self, written: &str) -> String {
        let seconds = |duration: Duration| format!("{}s", duration.as_secs().max(1));
        let mut filled = written
            .replace("$__rate_interval", &seconds(self.rate_interval))
            .replace("$__range", &seconds(self.range));
        for choice in CHOICES {
            filled = filled.replace(choice, ".*");
        }
        filled
    }
}
