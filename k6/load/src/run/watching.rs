use std::{io, sync::Arc};

use onsale_stack::{Running, operator::RoomWatch};

use super::{Loaded, Ready};
use crate::{
    results::Generator,
    sampling::{Sampling, Watched, now},
};

/// The looks at the room and at processes, while the load is on.
pub(crate) struct Watching {
    began_at: u64,
    generator: Option<Running>,
    watched: Watched,
    room: Option<Arc<RoomWatch>>,
    sampling: Sampling,
}

impl Watching {
    /// Begins, where the generator has just been started, at this instant.
    pub(crate) fn begin(
        ready: &Ready,
        processes: Vec<Running>,
        (generator, began_at): (Option<Running>, u64),
    ) -> io::Result<Self> {
        let watched = Watched::default();
        watched.set(generator.iter().cloned().chain(processes).collect());
        let guard = ready.prepared.guard.as_ref();
        let room = guard.map(|guard| Arc::new(RoomWatch::start(guard.desk().clone(), guard.room)));
        let sampling = Sampling::begin(ready.folder.path(), watched.clone(), room.clone())?;
        Ok(Self { began_at, generator, watched, room, sampling })
    }

    /// Others are in the place of processes that were watched.
    pub(super) fn follow(&self, processes: Vec<Running>) {
        self.watched.set(self.generator.iter().cloned().chain(processes).collect());
    }

    /// The generator has started another process.
    pub(crate) fn also(&self, generator: Running) {
        self.watched.add(generator);
    }

    /// Ends, as the generator has, and tells what was seen.
    pub(crate) async fn end(self, generator: Generator) -> io::Result<Loaded> {
        let ended_at = now();
        let samples = self.sampling.end().await?;
        let room = self.room.map(|room| room.seen()).unwrap_or_default();
        Ok(Loaded { generator, began_at: self.began_at, ended_at, samples, room })
    }
}
