use crate::{
    domain::Finding,
    store::redis::{Store, StoreError},
};

/// Looks at every room there is, and says of each invariant what was looked at and what is not so.
///
/// A capacity that was lowered below the sessions there are is told as broken until enough of them have ended.
///
/// # Errors
/// Redis is away, or a room is reset meanwhile.
pub async fn check_rooms(store: &Store) -> Result<Vec<Finding>, StoreError> {
    let mut all: Vec<Finding> = Vec::new();
    for room in store.house().await?.rooms {
        let Some(facts) = store.facts(room).await? else { continue };
        for finding in facts.findings() {
            let broken = finding.broken.iter().map(|what| format!("room {room}: {what}"));
            if let Some(known) = all.iter_mut().find(|known| known.invariant == finding.invariant) {
                known.checked += finding.checked;
                known.broken.extend(broken);
            } else {
                let broken = broken.collect();
                all.push(Finding { broken, ..finding });
            }
        }
    }
    Ok(all)
}
