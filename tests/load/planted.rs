//! A gateway with something wrong gets *failed*, and the verdict names what; the same gateway without it passes.

use crate::{
    run::{Ended, Run},
    spoil::Spoil,
    world::World,
};

/// A run of the spoilt gateway, of which some answers were spoilt.
async fn spoilt(world: &World, spoil: Spoil, run: Run) -> Ended {
    println!("== {spoil:?}");
    let (proxy, target) = world.spoilt(spoil).await;
    let ended = run.at(&target).end().await;
    assert!(proxy.spoilt() > 0, "{spoil:?} spoilt nothing: {}", ended.said);
    ended
}

fn smoke() -> Run {
    Run::of("smoke")
}

/// A few seconds of one call.
fn short(scenario: &str) -> Run {
    Run::of(scenario).told("DURATION=3s").told("WARMUP=1s")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_wrong_fails_the_run_and_without_it_the_run_passes() {
    let world = World::start().await;
    let (proxy, target) = world.spoilt(Spoil::Nothing).await;
    smoke().at(&target).end().await.passes();
    short("status").at(&target).end().await.passes();
    assert_eq!(proxy.spoilt(), 0);
    let wrong = [
        (Spoil::ActiveWithoutEnd, "bodies"),
        (Spoil::OtherSession, "I4"),
        (Spoil::OtherNumber, "I1"),
        (Spoil::SeatsOfAnother, "bodies"),
        (Spoil::MoreSeats, "bodies"),
        (Spoil::OldSeats, "I7"),
        (Spoil::OtherSeatHeld, "I5"),
        (Spoil::HoldEnded, "I6"),
        (Spoil::OtherSale, "I5"),
    ];
    for (spoil, named) in wrong {
        spoilt(&world, spoil, smoke()).await.fails_by(named);
    }
    let waiting = short("poll_storm").told("CROWD=20");
    spoilt(&world, Spoil::RisingPosition, waiting).await.fails_by("I2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_slow_or_ends_in_a_fault_fails_the_run() {
    let world = World::start().await;
    // The objectives as they are: nothing that keeps them waits for 300 ms.
    let slow = spoilt(&world, Spoil::SlowStatus, short("status").told("SLO_FACTOR=1")).await;
    slow.fails_by("status p(95)");
    spoilt(&world, Spoil::Faults, short("status")).await.fails_by("unexpected answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_tried_is_neither_passed_nor_failed() {
    let mut world = World::start().await;
    spoilt(&world, Spoil::PausedRoom, short("journey").told("PATIENCE=2s"))
        .await
        .is_not_valid_by("onsale_admitted");
    let crowd = short("poll_storm").told("CROWD=20");
    spoilt(&world, Spoil::JoinsNotUnderstood, crowd).await.is_not_valid_by("generator came to its end");
    let refused = spoilt(&world, Spoil::NotReady, smoke()).await;
    assert!(
        refused.status == 2 && refused.said.contains("not ready"),
        "{}: {}",
        refused.status,
        refused.said
    );
    let fault = ["--fault", "gateway-restarted"];
    let nothing = Run::of("failure").with(&fault).at(&world.target()).end().await;
    let says = nothing.said.contains("none of failure makes gateway-restarted");
    assert!(nothing.status == 2 && says, "{}: {}", nothing.status, nothing.said);
    // Each iteration takes some milliseconds, and there is but one virtual user.
    let dropped = short("token").told("RATE=3000").told("VUS=1").at(&world.target()).end().await;
    dropped.is_not_valid_by("dropped");

    let folder = world.folder();
    world.stack.redis.kill9().unwrap();
    world.stack.gateways[0].until_unready().await.unwrap();
    let away = smoke().with(&["--folder", &folder]).end().await;
    assert!(away.status == 2 && away.said.contains("not ready"), "{}: {}", away.status, away.said);
}
