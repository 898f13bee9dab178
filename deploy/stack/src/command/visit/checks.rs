use std::process::Stdio;

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use onsale_stack::binary;
use serde::Deserialize;
use tokio::process::Command;

use super::target::Target;

/// What a service found of an invariant in its store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Finding {
    pub(super) invariant: String,
    pub(super) says: String,
    pub(super) checked: usize,
    pub(super) broken: Vec<String>,
}

/// Asks both services' own programs whether what their stores hold is as it has to be.
pub(super) async fn run(target: &Target) -> anyhow::Result<Vec<Finding>> {
    // Its settings ask for keys; no token is checked.
    let keys = format!("unused:{}", STANDARD.encode([0; 32]));
    let queue = [("ONSALE_REDIS_URL", target.redis_url.as_str()), ("ONSALE_TOKEN_KEYS", keys.as_str())];
    let catalog = [("ONSALE_DATABASE_URL", target.database_url.as_str())];
    let mut findings = check("onsale-queue", &queue).await?;
    findings.extend(check("onsale-catalog", &catalog).await?);
    Ok(findings)
}

/// Ends with failure where something is broken, which the findings say better.
async fn check(program: &str, settings: &[(&str, &str)]) -> anyhow::Result<Vec<Finding>> {
    let mut command = Command::new(binary(program)?);
    command.arg("check").envs(settings.iter().copied()).env("ONSALE_LOG", "error");
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.with_context(|| format!("run {program} check"))?;
    let findings = read(&String::from_utf8_lossy(&output.stdout))
        .with_context(|| format!("understand what {program} found"))?;
    let is_explained = output.status.success() || findings.iter().any(|finding| !finding.broken.is_empty());
    anyhow::ensure!(is_explained, "{program} check: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(findings)
}

fn read(text: &str) -> anyhow::Result<Vec<Finding>> {
    text.lines().map(|line| serde_json::from_str(line).map_err(Into::into)).collect()
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
