use fred::util::sha1_hash;

/// The scripts' texts. Tests replace one to show that a guard in it guards.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is the script of that name under scripts/")]
pub struct ScriptSources {
    pub prelude: String,
    pub own: String,
    pub join: String,
    pub claim: String,
    pub renew: String,
    pub leave: String,
    pub read: String,
    pub tick: String,
    pub fence: String,
    pub forget: String,
    pub put_room: String,
    pub set_mode: String,
    pub reset: String,
}

impl Default for ScriptSources {
    fn default() -> Self {
        macro_rules! script {
            ($name:literal) => {
                include_str!(concat!("../../../scripts/", $name, ".lua")).to_owned()
            };
        }
        Self {
            prelude: script!("prelude"),
            own: script!("own"),
            join: script!("join"),
            claim: script!("claim"),
            renew: script!("renew"),
            leave: script!("leave"),
            read: script!("read"),
            tick: script!("tick"),
            fence: script!("fence"),
            forget: script!("forget"),
            put_room: script!("put_room"),
            set_mode: script!("set_mode"),
            reset: script!("reset"),
        }
    }
}

/// A script that is made for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Join,
    Claim,
    Renew,
    Leave,
    Tick,
    Fence,
    Forget,
    PutRoom,
    SetMode,
    Reset,
}

impl Script {
    const ALL: [Self; 10] = [
        Self::Join,
        Self::Claim,
        Self::Renew,
        Self::Leave,
        Self::Tick,
        Self::Fence,
        Self::Forget,
        Self::PutRoom,
        Self::SetMode,
        Self::Reset,
    ];

    /// The name in spans and errors.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Claim => "claim",
            Self::Renew => "renew",
            Self::Leave => "leave",
            Self::Tick => "tick",
            Self::Fence => "fence",
            Self::Forget => "forget",
            Self::PutRoom => "put_room",
            Self::SetMode => "set_mode",
            Self::Reset => "reset",
        }
    }

    fn source(self, sources: &ScriptSources, run: &str) -> String {
        let body = match self {
            Self::Join => [&sources.own, &sources.join],
            Self::Claim => [&sources.own, &sources.claim],
            Self::Renew => [&String::new(), &sources.renew],
            Self::Leave => [&String::new(), &sources.leave],
            Self::Tick => [&String::new(), &sources.tick],
            Self::Fence => [&String::new(), &sources.fence],
            Self::Forget => [&String::new(), &sources.forget],
            Self::PutRoom => [&String::new(), &sources.put_room],
            Self::SetMode => [&String::new(), &sources.set_mode],
            Self::Reset => [&String::new(), &sources.reset],
        };
        format!("local RUN = '{run}'\n{}\n{}\n{}", sources.prelude, body[0], body[1])
    }
}

/// The scripts made for one run of the server.
#[derive(Debug)]
pub(super) struct RunScripts {
    run: String,
    scripts: [(String, String); Script::ALL.len()],
}

impl RunScripts {
    pub(super) fn new(sources: &ScriptSources, run: &str) -> Self {
        let scripts = Script::ALL.map(|script| with_sha(script.source(sources, run)));
        Self { run: run.to_owned(), scripts }
    }

    pub(super) fn run(&self) -> &str {
        &self.run
    }

    pub(super) fn sha(&self, script: Script) -> &str {
        &self.scripts[script as usize].0
    }

    pub(super) fn source(&self, script: Script) -> &str {
        &self.scripts[script as usize].1
    }
}

/// The one script that is made for no run, since it tells which one it is.
#[derive(Debug)]
pub(super) struct ReadScript {
    pub(super) sha: String,
    pub(super) source: String,
}

impl ReadScript {
    pub(super) fn new(sources: &ScriptSources) -> Self {
        let (sha, source) = with_sha(sources.read.clone());
        Self { sha, source }
    }
}

fn with_sha(source: String) -> (String, String) {
    (sha1_hash(&source), source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_of_one_run_is_unknown_to_another() {
        let sources = ScriptSources::default();
        let (one, other) = (RunScripts::new(&sources, "a:1"), RunScripts::new(&sources, "b:1"));
        for script in Script::ALL {
            assert_ne!(one.sha(script), other.sha(script), "{script:?}");
            assert!(one.source(script).starts_with("local RUN = 'a:1'\n"));
        }
    }
}
