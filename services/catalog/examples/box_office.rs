//! An internal caller of the catalog: a box office that lists a concert's bookable schedules, all
//! pages of them, and how many seats of the first are still free.
//!
//! With a catalog that has the demo loaded, as `deploy/up` starts one:
//!
//! ```text
//! cargo run -p onsale-catalog --example box_office -- http://127.0.0.1:50052 1
//! ```
//!
//! Every call has a deadline, which travels to the service as `grpc-timeout`, and an outage is
//! told apart from a mistake: the first says when to try again, the second which field is wrong.

use std::{env, io::Write as _, time::Duration};

use anyhow::Context as _;
use onsale_proto::catalog::v1::{
    ListSchedulesRequest, ListSeatsRequest, Schedule, catalog_service_client::CatalogServiceClient,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tonic::{
    Request, Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt as _;

const DEADLINE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "http://127.0.0.1:50052".to_owned());
    let concert_id = arguments.next().map_or(Ok(1), |id| id.parse()).context("read the concert's id")?;
    let channel = Endpoint::from_shared(address)?.connect_timeout(DEADLINE).connect().await?;
    let mut catalog = CatalogServiceClient::new(channel);

    let schedules = bookable(&mut catalog, concert_id).await.map_err(explain)?;
    for schedule in &schedules {
        say(schedule)?;
    }
    if let Some(first) = schedules.first() {
        let request = ListSeatsRequest { concert_id, schedule_id: first.schedule_id, ..Default::default() };
        let seats = catalog.list_seats(within_deadline(request)).await.map_err(explain)?.into_inner();
        let labels: Vec<_> = seats.seats.iter().take(5).map(|seat| seat.label.as_str()).collect();
        writeln!(std::io::stdout(), "free in schedule {}: {} ...", first.schedule_id, labels.join(", "))?;
    }
    Ok(())
}

/// All pages.
async fn bookable(
    catalog: &mut CatalogServiceClient<Channel>,
    concert_id: u64,
) -> Result<Vec<Schedule>, Status> {
    let (mut schedules, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListSchedulesRequest { concert_id, limit: 10, cursor, ..Default::default() };
        let page = catalog.list_schedules(within_deadline(request)).await?.into_inner();
        schedules.extend(page.schedules);
        cursor = page.next_cursor;
        if cursor.is_empty() {
            return Ok(schedules);
        }
    }
}

fn within_deadline<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(DEADLINE);
    request
}

fn say(schedule: &Schedule) -> anyhow::Result<()> {
    let starts_at = OffsetDateTime::from_unix_timestamp(schedule.starts_at_ms / 1000)?.format(&Rfc3339)?;
    let (free, all) = (schedule.available_seats, schedule.total_seats);
    let (lowest, highest) = (schedule.lowest_price, schedule.highest_price);
    let line = format!(
        "schedule {:>4}  {starts_at}  {free:>6} of {all:>6} free  {}.{:02} to {}.{:02} {}",
        schedule.schedule_id,
        lowest / 100,
        lowest % 100,
        highest / 100,
        highest % 100,
        schedule.currency,
    );
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// What the details of a status tell its caller to do.
fn explain(status: Status) -> anyhow::Error {
    if let Some(delay) = status.get_details_retry_info().and_then(|retry| retry.retry_delay) {
        return anyhow::Error::new(status).context(format!("try again in {delay:?}"));
    }
    let wrong = status.get_details_bad_request().map(|request| request.field_violations).unwrap_or_default();
    let fields: Vec<_> = wrong.into_iter().map(|violation| violation.field).collect();
    if fields.is_empty() {
        return status.into();
    }
    anyhow::Error::new(status).context(format!("put right: {}", fields.join(", ")))
}
