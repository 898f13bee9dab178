use std::sync::Arc;

use crate::{
    clock,
    failure::Failure,
    rooms::{
        NotAdmitted, Presented, Rooms, Shown, Standing, Standpoint, admission::admitted,
        sessions::SessionKey, status::Known,
    },
};

impl Rooms {
    /// Lets a visitor hold what is behind the concert's room: its session is renewed in the queue, not only
    /// remembered here. Looking around may trust memory; selling does not. A called visitor who comes here first is
    /// admitted by it.
    pub(crate) async fn admit_buyer(
        self: &Arc<Self>,
        concert: u64,
        presented: &Presented,
    ) -> Result<(), NotAdmitted> {
        let Some(shown) = self.guarded(concert, presented)? else { return Ok(()) };
        match self.known(shown, clock::now_ms())? {
            Known::Here(seen, _) if seen.place.standing == Standing::Active => {
                self.renew_or_claim(shown).await
            }
            Known::Here(seen, _) if self.may_be_called_by_now(&seen.place) => {
                admitted(self.ask(shown).await.map_or(seen, Standpoint::told))
            }
            Known::Here(seen, _) => admitted(seen),
            Known::Elsewhere => self.renew_or_claim(shown).await,
        }
    }

    /// The queue knows of no session where the visitor has not claimed yet, or where it is over: asking tells which,
    /// and is the claim.
    async fn renew_or_claim(self: &Arc<Self>, shown: &Shown) -> Result<(), NotAdmitted> {
        match self.queue.renew(&shown.text).await {
            Ok(session) => {
                if let Some(key) = self.session_key(shown) {
                    self.sessions.renewed(key, &session);
                }
                Ok(())
            }
            Err(Failure::Refused { .. }) => admitted(Standpoint::told(self.ask(shown).await?)),
            Err(failure) => Err(failure.into()),
        }
    }

    fn session_key(&self, shown: &Shown) -> Option<SessionKey> {
        let snapshot = self.views.load();
        let room =
            snapshot.rooms.get(&shown.token.room).filter(|room| room.view.epoch == shown.token.epoch)?;
        Some(SessionKey { generation: room.generation, number: shown.token.number })
    }
}
