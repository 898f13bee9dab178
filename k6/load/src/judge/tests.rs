mod evidence;

use std::time::Duration;

use evidence::{Left, broken};
use proptest::prelude::*;

use super::*;
use crate::{
    generator::{oha::OhaLoad, program::Request},
    results::Offered,
};

/// A name, how a sound run is made worse, and what of it then does not hold.
type Worse = (fn(&mut Left), &'static str);

const NOT_VALID: [Worse; 26] = [
    (|left| left.summary = None, "required metrics"),
    (|left| left.forget("iterations"), "required metrics"),
    (|left| left.forget("http_req_duration{name:token}"), "required metrics"),
    (|left| left.forget("onsale_broken"), "required metrics"),
    (|left| left.spoil("http_req_duration{name:token}", "p(95)"), "required metrics"),
    (|left| left.run.generator.exit_status = 107, "generator came to its end"),
    (|left| left.run.calls.push("token_by_post".into()), "calls with objectives"),
    (|left| left.set("onsale_admitted", "count", 0.0), "onsale_admitted"),
    (|left| left.forget("onsale_admitted"), "onsale_admitted"),
    (|left| left.set("http_reqs{name:token}", "count", 0.0), "token requests"),
    (|left| left.set("onsale_bodies", "count", 0.0), "bodies looked at"),
    (|left| left.forget("checks"), "bodies looked at"),
    (|left| left.findings.retain(|finding| !finding.broken.is_empty()), "stores were asked"),
    (|left| (left.room.serving.checked, left.room.unanswered) = (0, 9), "room was seen"),
    (|left| left.set("dropped_iterations", "count", 1.0), "dropped iterations"),
    (|left| left.forget("dropped_iterations"), "dropped iterations"),
    (|left| left.set("iterations{scenario:token}", "count", 9_899.0), "achieved of offered: token"),
    (|left| left.forget("iterations{scenario:token}"), "achieved of offered: token"),
    (|left| left.set("vus", "max", 91.0), "virtual users at work"),
    (|left| left.samples.clear(), "generator was sampled"),
    (|left| left.samples.truncate(20), "generator was sampled"),
    (|left| left.run.generator.cpus.clear(), "generator's processors"),
    (|left| left.generator_uses(30..42, 1.2, 0.0), "generator's processors"),
    (|left| left.generator_uses(0..60, 0.0, 1.0), "generator's wait for a processor"),
    (|left| left.samples.iter_mut().skip(30).for_each(|sample| sample.at += 251), "this clock's jumps"),
    (|left| left.clock = None, "gateway's clock against this one"),
];

const FAILED: [Worse; 9] = [
    (|left| left.set("http_req_duration{name:token}", "p(95)", 50.1), "token p(95)"),
    (|left| left.set("http_req_duration{name:token}", "p(99)", 150.1), "token p(99)"),
    (|left| left.set("http_req_duration{name:seats,status:200}", "p(95)", 40.1), "seats p(95)"),
    (|left| left.set("http_req_duration{name:seats,status:304}", "p(99)", 50.1), "seats_304 p(99)"),
    (|left| left.set("http_req_failed{name:token}", "rate", 0.001), "token failed"),
    (|left| left.set("onsale_unexpected", "count", 20.0), "unexpected answers"),
    (|left| left.set("checks", "fails", 1.0), "bodies are as they have to be"),
    (|left| left.cross("http_req_duration{name:token}"), "threshold on http_req_duration{name:token}"),
    (|left| left.set("http_req_duration{name:seats}", "p(95)", 40.1), "seats p(95)"),
];

const BROKEN: [Worse; 5] = [
    (
        |left| left.findings.iter_mut().for_each(|finding| finding.broken.push("seat 7".into())),
        "I5 in the stores",
    ),
    (|left| left.room.serving.broken.push("serving fell".into()), "I2 in the room"),
    (|left| left.room.capacity.broken.push("31 of 30".into()), "I3 in the room"),
    (|left| left.set("onsale_broken", "count", 1.0), "seen by visitors"),
    (|left| left.set("onsale_broken{invariant:I4}", "count", 1.0), "I4 seen by visitors"),
];

#[test]
fn a_sound_run_passes() {
    let verdict = Left::sound().verdict();
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
}

#[test]
fn each_rule_of_validity_alone_makes_a_run_not_valid() {
    for (make, name) in NOT_VALID {
        let mut left = Left::sound();
        make(&mut left);
        let verdict = left.verdict();
        assert!(broken(&verdict.validity).contains(&name), "{name}: {:?}", broken(&verdict.validity));
        assert_eq!(verdict.outcome, Outcome::NotValid, "{name}");
    }
}

#[test]
fn each_objective_alone_makes_a_run_fail() {
    for (make, name) in FAILED {
        let mut left = Left::sound();
        make(&mut left);
        let verdict = left.verdict();
        assert_eq!((broken(&verdict.objectives), broken(&verdict.validity)), (vec![name], vec![]));
        assert_eq!(verdict.outcome, Outcome::Failed, "{name}");
    }
}

#[test]
fn what_the_host_took_excuses_lateness_and_nothing_else() {
    let robbed = |make: fn(&mut Left)| {
        let mut left = Left::sound();
        left.samples.iter_mut().skip(9).for_each(|sample| sample.machine.stolen_seconds = 7.0);
        make(&mut left);
        let verdict = left.verdict();
        (verdict.outcome, broken(&verdict.validity).contains(&HOST))
    };
    assert_eq!(robbed(|_| ()), (Outcome::Passed, false));
    assert_eq!(robbed(|left| left.cross("http_req_duration{name:token}")), (Outcome::NotValid, true));
    assert_eq!(robbed(|left| left.set("onsale_unexpected", "count", 20.0)), (Outcome::Failed, false));
    assert_eq!(robbed(|left| left.set("dropped_iterations", "count", 1.0)), (Outcome::NotValid, true));
    let late = |left: &mut Left| left.set("http_req_duration{name:token}", "p(99)", 150.1);
    assert_eq!(robbed(late), (Outcome::NotValid, true));
    let late_and_wrong = |left: &mut Left| {
        left.set("http_req_duration{name:token}", "p(99)", 150.1);
        left.set("checks", "fails", 1.0);
    };
    assert_eq!(robbed(late_and_wrong), (Outcome::Failed, false));
}

/// What is refused is told by its slowest hundredth, which three seconds without a rest are.
#[test]
fn a_generator_that_overloads_has_to_have_had_a_rest() {
    let rested = |mut left: Left, seconds, cpu| {
        left.generator_uses(seconds, cpu, 0.0);
        generator::rested(&left.evidence(), Duration::from_secs(30)).holds
    };
    assert!(rested(Left::sound(), 40..43, 1.2));
    assert!(!rested(Left::sound(), 40..43, 1.4));
    assert!(rested(Left::sound(), 10..20, 1.5), "the load had not begun");

    let mut two = Left::sound();
    for sample in &mut two.samples {
        let other = sample.processes["k6"];
        sample.processes.insert("k6-2".to_owned(), other);
    }
    assert!(!rested(two, 40..43, 1.2));
}

/// oha beside a whole Onsale waits for 2.5 s a second of work and more, and each request for next to nothing.
#[test]
fn a_wait_that_is_little_for_each_request_starves_nobody() {
    let waits = |requests: f64| {
        let mut left = Left::sound();
        left.generator_uses(0..60, 0.0, 1.2);
        left.set("http_reqs", "count", requests);
        left.verdict().outcome
    };
    // It worked for 30 s and waited for 90; a twentieth of the strictest p(95), that of seats, is 2 ms.
    assert_eq!(waits(46_000.0), Outcome::Passed);
    assert_eq!(waits(44_000.0), Outcome::NotValid);
}

#[test]
fn a_broken_invariant_is_believed_of_a_run_that_is_not_valid() {
    for (make, name) in BROKEN {
        let mut left = Left::sound();
        left.summary.as_mut().unwrap().metrics.remove("vus");
        make(&mut left);
        let verdict = left.verdict();
        assert_eq!(broken(&verdict.invariants), [name]);
        assert_eq!(verdict.outcome, Outcome::Failed, "{name}");
    }
}

#[test]
fn what_is_just_within_a_limit_holds() {
    let mut left = Left::sound();
    left.set("http_req_duration{name:token}", "p(95)", 50.0);
    left.set("iterations{scenario:token}", "count", 9_900.0);
    left.set("vus", "max", 90.0);
    left.set("http_req_failed{name:token}", "rate", 0.000_99);
    // Five seconds of a rush are no ten.
    left.generator_uses(10..15, 1.4, 0.0);
    left.clock = Some(-1.5);
    assert_eq!(left.verdict().outcome, Outcome::Passed, "{:#?}", left.verdict());
}

#[test]
fn who_waits_for_a_threshold_to_be_crossed_has_come_to_an_end() {
    let mut left = Left::sound();
    left.run.generator.exit_status = 99;
    assert_eq!(left.verdict().outcome, Outcome::Passed);
}

#[test]
fn checks_that_were_never_made_are_no_checks() {
    let mut left = Left::sound();
    left.set("checks", "passes", 0.0);
    assert_eq!(broken(&left.verdict().validity), ["bodies looked at"]);
}

/// k6 does not put a scenario's tags on what it drops, and says 0 of a part that there cannot be.
#[test]
fn dropped_iterations_are_not_looked_for_by_tag() {
    let mut left = Left::sound();
    left.set("dropped_iterations", "count", 7.0);
    left.set("dropped_iterations{phase:steady}", "count", 0.0);
    assert_eq!(broken(&left.verdict().validity), ["dropped iterations"]);
}

#[test]
fn a_warm_up_may_drop_what_the_measured_part_may_not() {
    let mut left = Left::sound();
    left.set("dropped_iterations", "count", 7.0);
    left.set("dropped_iterations{scenario:token}", "count", 0.0);
    assert_eq!(left.verdict().outcome, Outcome::Passed);
    left.set("dropped_iterations{scenario:token}", "count", 1.0);
    assert_eq!(left.verdict().outcome, Outcome::NotValid);
}

#[test]
fn a_closed_loop_offers_nothing_and_says_so() {
    let mut left = Left::sound();
    left.run.offered.clear();
    for metric in ["dropped_iterations", "iterations{scenario:token}", "vus_max"] {
        left.forget(metric);
    }
    let verdict = left.verdict();
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
    let offered = verdict.validity.iter().find(|check| check.name == "offered").unwrap();
    assert!(offered.limit.contains("closed loop"));
    assert!(!verdict.validity.iter().any(|check| check.name.starts_with("achieved")));
}

#[test]
fn a_generator_that_looks_at_no_body_says_so_and_needs_none() {
    let mut left = Left::sound();
    left.run.generator.tool = "oha".into();
    left.run.proves.clear();
    for sample in &mut left.samples {
        let generator = sample.processes.remove("k6").unwrap();
        sample.processes.insert("oha".into(), generator);
    }
    for metric in ["onsale_bodies", "onsale_broken", "checks", "vus", "vus_max"] {
        left.forget(metric);
    }
    let verdict = left.verdict();
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
    assert!(
        verdict
            .validity
            .iter()
            .any(|check| check.seen.contains("oha counts status codes, and looks at no body"))
    );
}

#[test]
fn what_oha_says_is_judged_by_the_same_rules() {
    let judged = |rate: f64, expected: u16| {
        let mut left = Left::sound();
        let load = OhaLoad { request: Request::default(), bodies: None, rate, seconds: 3.0, connections: 16 };
        let said = include_str!("../generator/oha/answered.json");
        left.summary = Some(load.summary(said, "token", &[expected]).unwrap());
        left.run.generator.tool = "oha".into();
        left.run.calls = vec!["token".into()];
        left.run.proves.clear();
        left.run.offered = vec![Offered { scenario: "token".into(), rate, seconds: 3.0 }];
        for sample in &mut left.samples {
            let generator = sample.processes.remove("k6").unwrap();
            sample.processes.insert("oha".into(), generator);
        }
        left.verdict()
    };
    let passed = judged(200.0, 200);
    assert_eq!(passed.outcome, Outcome::Passed, "{passed:#?}");
    let dropped = judged(220.0, 200);
    assert_eq!(broken(&dropped.validity), ["dropped iterations", "achieved of offered: token"]);
    assert_eq!(broken(&judged(200.0, 201).objectives), ["token failed", "unexpected answers"]);
}

#[test]
fn seats_that_never_came_back_unchanged_have_no_objective_for_that() {
    let mut left = Left::sound();
    left.set("http_reqs{name:seats,status:304}", "count", 0.0);
    left.set("http_req_duration{name:seats,status:304}", "p(95)", 0.0);
    let names: Vec<String> = left.verdict().objectives.into_iter().map(|check| check.name).collect();
    assert!(!names.iter().any(|name| name.starts_with("seats_304")), "{names:?}");
}

#[test]
fn a_slower_machine_is_allowed_more_where_the_run_was_told_so() {
    let mut left = Left::sound();
    left.set("http_req_duration{name:token}", "p(95)", 90.0);
    left.run.settings.insert("SLO_FACTOR".into(), "2".into());
    assert_eq!(left.verdict().outcome, Outcome::Passed);
    left.set("http_req_duration{name:token}", "p(95)", 101.0);
    assert_eq!(left.verdict().outcome, Outcome::Failed);
}

#[test]
fn a_fault_makes_answers_unexpected_and_no_other_thing_does() {
    let mut left = Left::sound();
    left.run.calls.clear();
    left.set("onsale_unexpected", "count", 5_000.0);
    assert_eq!(left.verdict().outcome, Outcome::Failed);
    left.run.settings.insert("FAULT".into(), "redis-killed".into());
    assert_eq!(left.verdict().outcome, Outcome::Passed);
}

#[test]
fn a_reader_sees_validity_first_and_the_word_last() {
    let mut left = Left::sound();
    left.set("dropped_iterations", "count", 38.0);
    let text = text(&left.run, &left.verdict());
    assert!(text.trim_start().starts_with("can it be believed?"), "{text}");
    assert!(text.contains("NOT dropped iterations"), "{text}");
    assert!(text.ends_with("not valid: dropped iterations"), "{text}");
}

/// Everything that can get worse by a number, and by how much.
fn worsen(left: &mut Left, what: usize, by: f64) {
    let changes: Vec<&Worse> = NOT_VALID.iter().chain(&FAILED).chain(&BROKEN).collect();
    if let Some((make, _)) = changes.get(what) {
        make(left);
        return;
    }
    let second = what % 50;
    match what % 3 {
        // As much is waited for it as may be, else more work would look like less waiting.
        0 => left.generator_uses(second..second + 5, 2.0 * by, 2.0 * by * 2.5),
        1 => left.generator_uses(second..second + 5, 0.0, 10.0 * by),
        _ => left.clock = left.clock.map(|clock| clock + 3.0 * by),
    }
}

proptest! {
    #[test]
    fn nothing_that_gets_worse_makes_a_verdict_better(
        before in prop::collection::vec((0_usize..60, 0.0..1.0_f64), 0..3),
        then in (0_usize..60, 0.0..1.0_f64),
    ) {
        let mut left = Left::sound();
        for (what, by) in before {
            worsen(&mut left, what, by);
        }
        let first = left.verdict();
        worsen(&mut left, then.0, then.1);
        let second = left.verdict();
        prop_assert!(second.outcome != Outcome::Passed || first.outcome == Outcome::Passed);
        // What visitors saw may be forgotten with the summary, which is no better; what stores and room say stays.
        let stays = |name: &&&str| !name.contains("seen by visitors");
        prop_assert!(broken(&first.invariants).iter().filter(stays).all(|name| broken(&second.invariants).contains(name)));
        // What the host took is no longer to blame where more than lateness is to be said.
        let is_certain = |verdict: &Verdict| broken(&verdict.validity).iter().any(|name| *name != HOST);
        prop_assert!(!is_certain(&first) || is_certain(&second));
        prop_assert!(broken(&first.objectives).is_empty() || second.outcome != Outcome::Passed);
    }
}
