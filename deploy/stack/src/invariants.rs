//! Whether what always has to hold does: what the stores hold, and what was seen elsewhere.
//!
//! The invariants I1 to I7 are those of docs/architecture.md.

use std::process::Stdio;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::{StackError, Target, binary};

/// What a service found of an invariant in its store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its number, such as `I1`.
    pub invariant: String,
    /// What has to hold, in words.
    pub says: String,
    /// How many things were looked at.
    pub checked: usize,
    /// What is not so.
    pub broken: Vec<String>,
}

/// What somebody saw of an invariant from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// How often it was looked at.
    pub checked: usize,
    /// What was not so.
    pub broken: Vec<String>,
}

impl Seen {
    /// Somebody looked whether an invariant holds.
    pub fn require(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds {
            self.broken.push(otherwise());
        }
    }
}

/// Asks both services' own programs whether what their stores hold is as it has to be.
///
/// What is broken is in the findings, and no error.
///
/// # Errors
/// A program has not been built, or cannot look: its store is away.
pub async fn check(target: &Target) -> Result<Vec<Finding>, StackError> {
    // Its settings ask for keys; no token is checked.
    let keys = format!("unused:{}", STANDARD.encode([0; 32]));
    let queue = [("ONSALE_REDIS_URL", target.redis_url.as_str()), ("ONSALE_TOKEN_KEYS", keys.as_str())];
    let catalog = [("ONSALE_DATABASE_URL", target.database_url.as_str())];
    let mut findings = ask("onsale-queue", &queue).await?;
    findings.extend(ask("onsale-catalog", &catalog).await?);
    Ok(findings)
}

/// Ends with failure where something is broken, which the findings say better.
async fn ask(program: &str, settings: &[(&str, &str)]) -> Result<Vec<Finding>, StackError> {
    let mut command = Command::new(binary(program)?);
    command.arg("check").envs(settings.iter().copied()).env("ONSALE_LOG", "error");
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(|source| StackError::System {
        name: format!("{program} check"),
        action: "run it",
        source,
    })?;
    let refused = |reason: String| StackError::Refused { tool: format!("{program} check"), reason };
    let findings = read(&String::from_utf8_lossy(&output.stdout))
        .map_err(|error| refused(format!("what it found is not understood: {error}")))?;
    let is_explained = output.status.success() || findings.iter().any(|finding| !finding.broken.is_empty());
    if is_explained {
        return Ok(findings);
    }
    Err(refused(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn read(text: &str) -> serde_json::Result<Vec<Finding>> {
    text.lines().map(serde_json::from_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_invariant() {
        let text = "{\"invariant\":\"I1\",\"says\":\"so\",\"checked\":3,\"broken\":[\"not so\"]}\n";
        let findings = read(text).unwrap();
        assert_eq!((findings.len(), findings[0].checked, findings[0].broken.len()), (1, 3, 1));
        assert!(read("something else").is_err());
    }
}
