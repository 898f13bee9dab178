//! An Onsale of the test's own.

use onsale_stack::{Stack, StackOptions, Target};
use tempfile::TempDir;

use crate::{proxy::Proxy, spoil::Spoil};

/// It ends with its value.
pub(crate) struct World {
    pub(crate) stack: Stack,
    folder: TempDir,
}

impl World {
    /// One of each program.
    pub(crate) async fn start() -> Self {
        Self::start_as(StackOptions::default()).await
    }

    /// Another one; its folder is not looked at.
    pub(crate) async fn start_as(options: StackOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = StackOptions { folder: folder.path().join("onsale"), ..options };
        let stack = Stack::start(options, |_| ()).await.unwrap();
        Self { stack, folder }
    }

    pub(crate) fn target(&self) -> Target {
        self.stack.target()
    }

    /// Where `deploy/up` would keep it.
    pub(crate) fn folder(&self) -> String {
        self.folder.path().join("onsale").display().to_string()
    }

    /// The same Onsale behind a gateway that spoils something.
    pub(crate) async fn spoilt(&self, spoil: Spoil) -> (Proxy, Target) {
        let proxy = Proxy::start(&self.target().gateways[0], spoil).await;
        let target = Target { gateways: vec![proxy.url()], ..self.target() };
        (proxy, target)
    }
}
