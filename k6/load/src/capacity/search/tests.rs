use proptest::prelude::*;

use super::*;
use crate::results::Measured;

fn step(phase: Phase, rate: f64, outcome: Held) -> Step {
    let measured = Measured {
        test_id: String::new(),
        outcome,
        achieved: Some(rate),
        p95_ms: Some(1.0),
        p99_ms: Some(2.0),
    };
    Step { phase, rate, measured }
}

fn failed() -> Held {
    Held::Failed { why: "token p(95)".to_owned(), is_invariant: false }
}

fn given_up() -> Held {
    Held::GeneratorGaveUp { why: "dropped iterations".to_owned() }
}

/// Searches in a system that answers a rate, and the number of the step, with an outcome.
fn search(plan: &Plan, mut answer: impl FnMut(f64, usize) -> Held) -> (Vec<Step>, Found) {
    let mut steps = Vec::new();
    loop {
        match next(plan, &steps) {
            Next::Run { rate, phase } => {
                let outcome = answer(rate, steps.len());
                steps.push(step(phase, rate, outcome));
            }
            Next::Done(found) => return (steps, found),
        }
    }
}

fn at_most(capacity: f64) -> impl FnMut(f64, usize) -> Held {
    move |rate, _| if rate <= capacity { Held::Held } else { failed() }
}

fn rates(steps: &[Step], phase: Phase) -> Vec<f64> {
    steps.iter().filter(|step| step.phase == phase).map(|step| step.rate).collect()
}

#[test]
fn a_search_ramps_climbs_halves_and_repeats() {
    let (steps, found) = search(&Plan::default(), at_most(1_000.0));
    assert_eq!(rates(&steps, Phase::Ramp), [100.0, 200.0, 400.0, 800.0, 1_600.0]);
    assert_eq!(rates(&steps, Phase::Staircase), [880.0, 968.0, 1_060.0, 1_170.0]);
    assert_eq!(rates(&steps, Phase::Bisect), [1_010.0]);
    assert_eq!(rates(&steps, Phase::Repeat), [968.0; 5]);
    let Found::Highest { rate, is_at_least, held, repeats, achieved, .. } = found else {
        panic!("{found:?}")
    };
    assert_eq!((rate, is_at_least, held, repeats), (968.0, false, 5, 5));
    assert_eq!(achieved, Spread::of([968.0]));
}

#[test]
fn a_first_rate_that_is_too_high_is_halved() {
    let (steps, found) = search(&Plan::default(), at_most(30.0));
    assert_eq!(rates(&steps, Phase::Ramp), [100.0, 50.0, 25.0]);
    assert!(matches!(found, Found::Highest { rate, .. } if rate > 28.0 && rate <= 30.0), "{found:?}");
    let (_, found) = search(&Plan::default(), |_, _| failed());
    assert!(matches!(found, Found::None { .. }));
}

#[test]
fn one_failure_on_the_stairs_is_not_the_top() {
    let mut met = false;
    let (_, found) = search(&Plan::default(), |rate, _| {
        let is_mood = rate > 850.0 && !met;
        met |= is_mood;
        if rate <= 1_500.0 && !is_mood { Held::Held } else { failed() }
    });
    assert!(matches!(found, Found::Highest { rate, .. } if rate > 1_400.0), "{found:?}");
}

#[test]
fn a_repetition_may_fail_once_and_not_twice() {
    let plan = Plan::default();
    let (steps, _) = search(&plan, at_most(1_000.0));
    let before = steps.iter().filter(|step| step.phase != Phase::Repeat).cloned().collect::<Vec<_>>();
    let after = |repeats: [Held; 5]| {
        let more = repeats.into_iter().map(|outcome| step(Phase::Repeat, 968.0, outcome));
        next(&plan, &before.iter().cloned().chain(more).collect::<Vec<_>>())
    };
    let held = || Held::Held;
    let once = after([held(), failed(), held(), held(), held()]);
    assert!(matches!(once, Next::Done(Found::Highest { held: 4, repeats: 5, .. })), "{once:?}");
    let twice = after([held(), failed(), held(), failed(), held()]);
    assert_eq!(twice, Next::Run { rate: 922.0, phase: Phase::Repeat });
    let broken = Held::Failed { why: "I5".to_owned(), is_invariant: true };
    assert_eq!(after([held(), broken, held(), held(), held()]), twice);
}

#[test]
fn a_generator_that_gives_up_twice_in_a_row_makes_it_at_least() {
    let (steps, found) =
        search(&Plan::default(), |rate, _| if rate <= 1_000.0 { Held::Held } else { given_up() });
    assert!(matches!(found, Found::Highest { rate: 968.0, is_at_least: true, .. }), "{found:?}");
    assert_eq!(rates(&steps, Phase::Ramp)[4..], [1_600.0; 2]);
    // Once is made again, and counts for nothing.
    let (_, found) = search(&Plan::default(), |rate, step| match step {
        2 | 7 | 12 => given_up(),
        _ if rate <= 1_000.0 => Held::Held,
        _ => failed(),
    });
    assert!(matches!(found, Found::Highest { rate: 968.0, is_at_least: false, .. }), "{found:?}");
}

#[test]
fn what_the_host_disturbs_is_made_again_and_counts_for_nothing() {
    let disturbed = || Held::Disturbed { why: "token p(95)".to_owned() };
    let (_, calm) = search(&Plan::default(), at_most(1_000.0));
    let (steps, found) = search(&Plan::default(), |rate, step| match step % 3 {
        0 => at_most(1_000.0)(rate, step),
        _ => disturbed(),
    });
    assert_eq!(found, calm);
    let was_made_again = |pair: &[Step]| {
        !matches!(pair[0].measured.outcome, Held::Disturbed { .. }) || is_same(pair[0].rate, pair[1].rate)
    };
    assert!(steps.windows(2).all(was_made_again));
    let (steps, found) = search(&Plan::default(), |_, _| disturbed());
    assert!(steps.len() == DISTURBED && matches!(found, Found::None { .. }), "{found:?}");
}

#[test]
fn what_holds_at_the_highest_rate_that_is_tried_is_at_least_that() {
    let plan = Plan { highest: 3_000.0, ..Plan::default() };
    let (steps, found) = search(&plan, |_, _| Held::Held);
    assert!(matches!(found, Found::Highest { rate: 3_000.0, is_at_least: true, .. }), "{found:?}");
    assert!(steps.iter().all(|step| step.rate <= 3_000.0));
}

#[test]
fn a_mood_at_the_first_rate_does_not_make_the_stairs_long() {
    let (steps, found) =
        search(
            &Plan::default(),
            |rate, step| if step > 0 && rate <= 20_000.0 { Held::Held } else { failed() },
        );
    assert!(matches!(found, Found::Highest { rate, .. } if rate > 19_000.0), "{found:?}");
    assert!(steps.len() < 40, "{}", steps.len());
}

#[test]
fn a_search_that_never_settles_ends() {
    let (steps, found) =
        search(&Plan::default(), |_, step| if step % 3 == 0 { failed() } else { Held::Held });
    assert!(steps.len() <= Plan::default().most_steps);
    assert!(matches!(found, Found::None { .. } | Found::Highest { .. }));
}

proptest! {
    /// A system that bears `capacity`, give or take some noise, and a generator that can do so much.
    #[test]
    fn what_is_found_is_within_the_resolution_and_has_held(
        capacity in 2.0..50_000.0_f64,
        generator in 2.0..50_000.0_f64,
        first in prop::sample::select(vec![10.0, 100.0, 700.0]),
        noise in prop::collection::vec(-0.02..0.02_f64, 100),
        gives_up in prop::collection::vec(prop::bool::weighted(0.05), 100),
    ) {
        let plan = Plan { first, ..Plan::default() };
        let (steps, found) = search(&plan, |rate, step| {
            if rate > generator || gives_up[step % 100] {
                given_up()
            } else if rate <= capacity * (1.0 + noise[step % 100]) {
                Held::Held
            } else {
                failed()
            }
        });
        prop_assert!(steps.len() <= plan.most_steps);
        // Each answer is of the list alone: cut off anywhere, the search goes on in the same way.
        for (at, step) in steps.iter().enumerate() {
            prop_assert_eq!(next(&plan, &steps[..at]), Next::Run { rate: step.rate, phase: step.phase });
        }
        if let Found::Highest { rate, held, repeats, is_at_least, .. } = found {
            let at_rate = |step: &&Step| is_repeat_at(step, rate);
            let has_held = steps.iter().filter(at_rate).filter(|step| step.measured.outcome == Held::Held).count();
            prop_assert!(held == has_held && held + 1 >= repeats && repeats >= plan.repeats);
            prop_assert!(rate <= capacity * 1.02 && rate <= generator);
            if generator > capacity * 1.2 && gives_up.iter().all(|gives_up| !gives_up) {
                // A resolution, the rounding of a rate, and one more resolution for repetitions that were unlucky.
                prop_assert!(rate >= capacity * 0.98 / 1.06 / 1.06, "{} of {}", rate, capacity);
                prop_assert!(!is_at_least);
            }
            if generator < capacity / 1.2 {
                prop_assert!(is_at_least);
            }
        } else {
            // Of a system that bears next to nothing nothing may be found, and of no other.
            prop_assert!(capacity.min(generator) < 3.0 || gives_up.iter().filter(|gives_up| **gives_up).count() > 5);
        }
    }
}
