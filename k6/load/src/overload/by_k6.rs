use super::{
    AFTER, Load, Offer, Refusals, WARM_UP,
    course::{Use, measured},
    in_time_ms,
};
use crate::{
    generator::{
        Answer,
        k6::{self, K6},
    },
    results::{Overload, Summary},
    run::{Loaded, Ready, RunError, Tested, k6_load},
};

/// How a hold may end: with seats, or without them since somebody else has them.
const EXPECTED: [u16; 2] = [201, 409];
/// Where k6 writes each request.
const ANSWERS: &str = "answers.csv";

/// k6 runs the scenario of the call in the shape of an overload.
pub(super) async fn run(
    load: &Load<'_>,
    k6: &K6,
    tested: &mut Tested,
    ready: &Ready,
) -> Result<(Loaded, Overload), RunError> {
    let path = ready.folder.path().join(ANSWERS);
    let with = k6_load::With { answers: Some(path.clone()), ..k6_load::With::default() };
    let loaded = k6_load::run(k6, tested, ready, with).await?;
    let call = ready.script.name.as_str();
    let mut parts = k6::answers(&path, call)?;
    std::fs::remove_file(&path)?;
    let mut part = |nth: usize| parts.remove(&format!("{call}_{nth}")).unwrap_or_default();
    let (before, during, after) = (part(1), part(2), part(3));
    let began = |answers: &[Answer]| answers.iter().map(|answer| answer.at).reduce(f64::min);
    let (first, from) = (began(&before).unwrap_or_default(), began(&during).unwrap_or_default());
    let mut all = [before, during, after].concat();
    for answer in &mut all {
        answer.at -= first;
    }
    let to = from - first + load.seconds;
    let offer =
        Offer { before: (WARM_UP, from - first), during: (from - first, to), after: (to, to + AFTER) };
    let of_use = Use { expected: EXPECTED.to_vec(), in_time_ms: in_time_ms(call) };
    let refusals = refusals(ready.folder.summary()?.as_ref());
    Ok((loaded, measured((load, call), &offer, &all, (&of_use, refusals))))
}

/// What the scripts read of answers that say no.
fn refusals(summary: Option<&Summary>) -> Refusals {
    let count =
        |kind| summary.and_then(|summary| summary.value("onsale_says_when", kind)).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let (with, without) = (count("passes") as usize, count("fails") as usize);
    Refusals { read: with + without, without_time: without }
}
