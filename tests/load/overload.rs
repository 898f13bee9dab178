//! More than an Onsale is said to bear: it bears it, or says when to come back.

use onsale_load::results::Overload;

use crate::{run::Run, spoil::Spoil, world::World};

fn twenty_holds_a_second() -> Run {
    Run::overload("hold", &["--capacity", "10", "--factors", "2", "--seconds", "3"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_looked_at_and_a_refusal_has_to_say_when_to_come_back() {
    let world = World::start().await;
    let borne = twenty_holds_a_second().at(&world.target()).end().await;
    borne.passes();
    let kept: Overload = borne.kept("overload.json");
    assert!((kept.during.due - 20.0).abs() < 1e-9 && kept.during.good + kept.during.late > 19.0, "{kept:#?}");
    assert!(kept.before.good > 3.0 && kept.after.good > 3.0, "{kept:#?}");

    let (proxy, target) = world.spoilt(Spoil::RefusedWithoutTime).await;
    let refused = twenty_holds_a_second().at(&target).end().await;
    assert!(proxy.spoilt() > 0);
    refused.fails_by("refusals say when to come back");
    assert!(refused.kept::<Overload>("overload.json").during.refused > 0.0);
}
