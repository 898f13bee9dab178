//! What a hold costs over gRPC, side by side with pgbench running the same SQL.
//!
//! ```text
//! cargo build --release -p onsale-catalog
//! cargo run --release -p onsale-catalog --example hold_cost
//! ```
//!
//! 64 clients each hold three neighbouring seats at a time, every seat of the hall at most once, so that nobody is
//! refused. The disk is waited for, as on the night. Whoever makes the load is pinned to one core, in both ways the
//! same; Postgres and the catalog have all of them. The two take turns: take the ratio, not the figures.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{fs, process::Command, time::Instant};

use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use onsale_catalog::store::postgres::{HOLD_SEATS, PLANNER};
use onsale_proto::catalog::v1::{
    Buyer, HoldRequest, SeatNumbers, buyer::Who, hold_request::Seats,
    sales_service_client::SalesServiceClient,
};
use onsale_stack::{Postgres, PostgresOptions, Service, ServiceOptions, procfs};
use tonic::transport::{Channel, Endpoint};

const CLIENTS: u32 = 64;
const SEATS_PER_HOLD: u32 = 3;
const ROUNDS: usize = 5;
/// Halls, and how many holds each client makes in one.
const HALLS: [(u32, u32); 2] = [(15_000, 75), (100_000, 150)];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    pin_to_one_core()?;
    for (seats, holds_each) in HALLS {
        let mut ratios = Vec::new();
        for round in 0..ROUNDS {
            let over_sql = bench.pgbench(bench.schedule(seats)?, seats, holds_each)?;
            let over_grpc = bench.grpc(bench.schedule(seats)?, seats, holds_each).await?;
            ratios.push(over_grpc.per_second / over_sql.per_second);
            println!(
                "{seats} seats, round {round}: pgbench {over_sql}; gRPC {over_grpc}; {:.2} of pgbench's holds/s",
                over_grpc.per_second / over_sql.per_second
            );
        }
        ratios.sort_by(f64::total_cmp);
        println!(
            "{seats} seats, {CLIENTS} clients: median {:.2} of pgbench's holds/s, from {:.2} to {:.2}",
            ratios[ROUNDS / 2],
            ratios[0],
            ratios[ROUNDS - 1]
        );
    }
    Ok(())
}

/// One round's figures.
struct Figures {
    per_second: f64,
    /// Of the catalog, for each hold; none where there is no catalog on the way.
    catalog_us: Option<f64>,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} holds/s", self.per_second)?;
        self.catalog_us.map_or(Ok(()), |us| write!(f, " ({us:.0} µs of the catalog's CPU each)"))
    }
}

struct Bench {
    postgres: Postgres,
    catalog: Service,
    sales: SalesServiceClient<Channel>,
    script: tempfile::NamedTempFile,
}

impl Bench {
    async fn start() -> anyhow::Result<Self> {
        let settings = vec![("max_connections".to_owned(), "200".to_owned())];
        let options = PostgresOptions { durable: true, settings, ..PostgresOptions::default() };
        let postgres = Postgres::start(options).await?;
        let catalog = ServiceOptions::new("onsale-catalog")
            .env("ONSALE_DATABASE_URL", postgres.url("postgres"))
            .env("ONSALE_DATABASE_CONNECTIONS", CLIENTS.to_string());
        let mut catalog = Service::start(catalog).await?;
        catalog.until_ready().await?;
        postgres.sql("INSERT INTO concert (id, name, performer, venue) VALUES (1, 'c', 'p', 'v')")?;
        let channel = Endpoint::from_shared(catalog.url("grpc"))?.connect().await?;
        let script = tempfile::NamedTempFile::new()?;
        fs::write(script.path(), pgbench_script())?;
        Ok(Self { postgres, catalog, sales: SalesServiceClient::new(channel), script })
    }

    /// A new schedule in a hall of so many seats, all free, and its rows where a hall that has been on sale for a
    /// while has them: read, and known to the planner.
    fn schedule(&self, seats: u32) -> anyhow::Result<u64> {
        let id = self.postgres.sql(&schedule_sql(seats))?;
        self.postgres.sql("CHECKPOINT")?;
        self.postgres
            .sql("VACUUM ANALYZE seat_state, block_version, layout_seat, schedule, schedule_tier")?;
        id.trim().parse().with_context(|| format!("the schedule's id in {id:?}"))
    }

    fn pgbench(&self, schedule: u64, seats: u32, holds_each: u32) -> anyhow::Result<Figures> {
        let mut pgbench = self.postgres.client("pgbench");
        // Its sessions tell the planner what the catalog's do.
        let planner: Vec<_> = PLANNER.iter().map(|(name, value)| format!("-c {name}={value}")).collect();
        pgbench.env("PGOPTIONS", planner.join(" "));
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--file"]).arg(self.script.path());
        pgbench.arg(format!("--client={CLIENTS}")).arg(format!("--transactions={holds_each}"));
        let places = seats / SEATS_PER_HOLD;
        for define in [
            "k=0".to_owned(),
            format!("per={holds_each}"),
            format!("places={places}"),
            format!("step={}", scattering_step(places)),
            format!("schedule={schedule}"),
        ] {
            pgbench.arg("--define").arg(define);
        }
        let output = pgbench.arg(self.postgres.url("postgres")).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        self.assert_held(schedule, holds_each)?;
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|rate| rate.split(' ').next()).context("no rate in what pgbench says")?;
        Ok(Figures { per_second: rate.parse()?, catalog_us: None })
    }

    async fn grpc(&self, schedule: u64, seats: u32, holds_each: u32) -> anyhow::Result<Figures> {
        // The catalog's connections are opened before the clock runs, as pgbench's are.
        self.hold_all(self.schedule(seats)?, seats, 2).await?;
        let cpu_before = procfs::cpu_time(self.catalog.pid()).context("the catalog is gone")?;
        let began_at = Instant::now();
        self.hold_all(schedule, seats, holds_each).await?;
        let took = began_at.elapsed();
        let cpu_after = procfs::cpu_time(self.catalog.pid()).context("the catalog is gone")?;
        self.assert_held(schedule, holds_each)?;
        let holds = f64::from(CLIENTS * holds_each);
        let catalog_us = Some(cpu_after.saturating_sub(cpu_before).as_secs_f64() * 1e6 / holds);
        Ok(Figures { per_second: holds / took.as_secs_f64(), catalog_us })
    }

    async fn hold_all(&self, schedule: u64, seats: u32, holds_each: u32) -> anyhow::Result<()> {
        let places = seats / SEATS_PER_HOLD;
        let step = scattering_step(places);
        let client = |number: u32| {
            let mut sales = self.sales.clone();
            async move {
                for index in number * holds_each..(number + 1) * holds_each {
                    let place = u64::from(index) * u64::from(step) % u64::from(places);
                    let place = u32::try_from(place).unwrap_or_default();
                    sales.hold(hold_request(number, schedule, place)).await?;
                }
                anyhow::Ok(())
            }
        };
        try_join_all((0..CLIENTS).map(client)).await.map(|_| ())
    }

    /// A faster way to refuse would look like a faster way to hold.
    fn assert_held(&self, schedule: u64, holds_each: u32) -> anyhow::Result<()> {
        let held = format!("SELECT count(*) FROM hold WHERE schedule_id = {schedule}");
        let held: u32 = self.postgres.sql(&held)?.trim().parse()?;
        if held != CLIENTS * holds_each {
            bail!("{held} holds were made, not {}", CLIENTS * holds_each);
        }
        Ok(())
    }
}

/// A step that has no factor in common with the number of places, hence reaches each once, and takes those that are
/// neighbours in time far apart in the hall: its blocks are met by all clients alike, as on the night.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than the number of places")]
fn scattering_step(places: u32) -> u32 {
    const GOLDEN: f64 = 0.618_034;
    let near = (f64::from(places) * GOLDEN) as u32;
    (near..places).find(|step| greatest_common_divisor(*step, places) == 1).unwrap_or(1)
}

fn greatest_common_divisor(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

fn hold_request(client: u32, schedule_id: u64, place: u32) -> HoldRequest {
    let first = place * SEATS_PER_HOLD + 1;
    let seat_nos = (first..first + SEATS_PER_HOLD).collect();
    // As in the script: a user of its own for each hold, so that nobody comes to the limit.
    let user = format!("{client}-{place}");
    HoldRequest {
        buyer: Some(Buyer { who: Some(Who::User(user)) }),
        concert_id: 1,
        schedule_id,
        seats: Some(Seats::Named(SeatNumbers { seat_nos })),
        ..HoldRequest::default()
    }
}

/// The catalog's own statement with pgbench's values for its parameters.
fn pgbench_script() -> String {
    let values = [
        ("$1", "'user:' || :client_id || '-' || :place"),
        ("$2", "NULL::text"),
        ("$3", "NULL::bytea"),
        ("$4", "gen_random_uuid()"),
        ("$5", "1::bigint"),
        ("$6", ":schedule::bigint"),
        ("$7", "ARRAY[:place * 3 + 1, :place * 3 + 2, :place * 3 + 3]::integer[]"),
        ("$8", "600000::bigint"),
        ("$9", "1800000::bigint"),
    ];
    let statement = values
        .iter()
        .fold(HOLD_SEATS.to_owned(), |statement, (parameter, value)| statement.replace(parameter, value));
    format!("\\set place ((:client_id * :per + :k) * :step) % :places\n\\set k :k + 1\n{statement};\n")
}

fn schedule_sql(seats: u32) -> String {
    format!(
        "WITH hall AS (
             INSERT INTO layout (name, seat_count) VALUES ('hall', {seats}) RETURNING id),
         section AS (
             INSERT INTO layout_section (layout_id, section) SELECT id, 'Floor' FROM hall),
         place AS (
             INSERT INTO layout_seat
                 (layout_id, seat_no, section, row_label, row_rank, position, label, tier, accessible)
             SELECT hall.id, n, 'Floor', 'R' || (n - 1) / 100, 1 + (n - 1) / 100, 1 + (n - 1) % 100, 'S' || n, 'A', false
             FROM hall, generate_series(1, {seats}) n),
         show AS (
             INSERT INTO schedule (concert_id, layout_id, starts_at, sale_opens_at, sale_closes_at, currency)
             SELECT 1, id, now() + interval '1 day', now() - interval '1 day', now() + interval '1 day', 'EUR' FROM hall
             RETURNING id),
         price AS (
             INSERT INTO schedule_tier (schedule_id, tier, price) SELECT id, 'A', 9000 FROM show),
         state AS (
             INSERT INTO seat_state (schedule_id, seat_no) SELECT show.id, n FROM show, generate_series(1, {seats}) n),
         block AS (
             INSERT INTO block_version (schedule_id, block, free_seats)
             SELECT show.id, (n - 1) / 512, count(*) FROM show, generate_series(1, {seats}) n GROUP BY 1, 2)
         SELECT id FROM show"
    )
}

/// This process and what it starts from now on; what runs already goes on as it did.
fn pin_to_one_core() -> anyhow::Result<()> {
    let pid = std::process::id().to_string();
    let status =
        Command::new("taskset").args(["--all-tasks", "--cpu-list", "--pid", "0", &pid]).output()?.status;
    if !status.success() {
        bail!("taskset does not pin this process");
    }
    Ok(())
}
