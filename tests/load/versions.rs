//! The profile for CI on the version of k6 that the plan names, and smoke on the latest, against two copies of everything.
//! The board is asked about the former; the latter is over before rates can be told.

use onsale_stack::StackOptions;

use crate::{
    board,
    generator::{NEW, OLD},
    run::Run,
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_pass_and_the_board_shows_the_run() {
    let world = World::start_as(StackOptions { copies: 2, observe: true, ..StackOptions::default() }).await;
    for (version, scenario) in [(OLD, "ci"), (NEW, "smoke")] {
        println!("== {scenario}, k6 {version}");
        let run = Run::of(scenario).by(version).with(&["--folder", &world.folder()]).end().await;
        run.passes();
        let kept: onsale_load::results::Run = run.kept("run.json");
        assert_eq!((kept.scenario.as_str(), kept.generator.version.as_str()), (scenario, version));
        assert_eq!(kept.environment.copies, [2, 2, 2]);
        if scenario == "ci" {
            board::shows(&world, &kept).await;
            board::is_on_one_axis(&run.kept("series.json"), &kept);
        }
    }
}
