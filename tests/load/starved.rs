//! A generator that does not get the processor cannot tell how long an answer took: *not valid*, whatever its figures are.

use std::process::{Child, Command, Stdio};

use onsale_stack::procfs;

use crate::{
    run::{Run, failures},
    world::World,
};

/// How many processes the generator shares its processor with.
const SPINNERS: usize = 6;
/// Goes on as long as the process that it is told of.
const SPIN: &str = r#"while kill -0 "$0"; do i=0; while [ $i -lt 10000 ]; do i=$((i + 1)); done; done"#;

/// Something that takes all that it gets of a processor. It ends with its value, and with the test however that ends.
struct Spinner(Child);

impl Spinner {
    fn start(cpu: &str) -> Self {
        let mut command = Command::new("taskset");
        command.args(["-c", cpu, "sh", "-c", SPIN]).arg(std::process::id().to_string()).stdin(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The last of the processors that there are.
fn last_cpu() -> String {
    let cpus = procfs::affinity(std::process::id().try_into().unwrap()).unwrap();
    cpus.last().unwrap().to_string()
}

fn run(world: &World, cpu: &str) -> Run {
    let run = Run::of("status").told("RATE=100").told("DURATION=4s").told("WARMUP=1s").told("VUS=200");
    run.with(&["--generator-on", cpu, "--folder", &world.folder()])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generator_that_is_starved_is_believed_nothing() {
    let world = World::start().await;
    let cpu = last_cpu();
    let spinners: Vec<_> = (0..SPINNERS).map(|_| Spinner::start(&cpu)).collect();
    let starved = run(&world, &cpu).told("SLO_FACTOR=1000").end().await;
    drop(spinners);
    starved.is_not_valid_by("wait for a processor");
    let verdict = starved.verdict();
    let kept = verdict.objectives.iter().chain(&verdict.invariants).all(|check| check.holds);
    assert!(kept || !starved.was_alone(), "objectives are what it is not about: {:#?}", failures(&verdict));

    run(&world, &cpu).end().await.passes();
}
