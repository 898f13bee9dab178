use std::{collections::BTreeSet, fs, time::Duration};

use onsale_stack::{ServiceOptions, Target, operator::Desk, run_to_end};
use reqwest::Client;
use serde_json::{Map, Value, json};
use time::{Duration as Days, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    PrepareError, get,
    room::{OWN, policy},
};

/// For halls of many thousands of seats.
const IMPORT: Duration = Duration::from_mins(2);
/// Gateways see a new concert within a second or two.
const SHOWN: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(200);
/// The seats of a row, where there are as many.
const ROW: u32 = 50;

/// The concert of a run: each of its schedules has a hall of its own size, and all seats are free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// Its id.
    pub concert: u64,
    /// Its schedules, with how many seats each has.
    pub schedules: Vec<(u64, u32)>,
}

impl Data {
    /// Imports a concert of that name with a schedule for each number of seats, and waits until gateways show it.
    ///
    /// # Errors
    /// It cannot be imported, or is not shown.
    pub async fn import(
        (client, desk): (&Client, &Desk),
        target: &Target,
        test_id: &str,
        seats: &[u32],
    ) -> Result<Self, PrepareError> {
        let folder = tempfile::tempdir().map_err(PrepareError::File)?;
        let file = folder.path().join("house.json");
        fs::write(&file, house(test_id, seats, OffsetDateTime::now_utc()).to_string())
            .map_err(PrepareError::File)?;
        let import = ServiceOptions::new("onsale-catalog").argument("import").argument(&file);
        run_to_end(import.env("ONSALE_DATABASE_URL", &target.database_url), IMPORT).await?;
        let late = |_| PrepareError::NotShown(test_id.to_owned());
        tokio::time::timeout(SHOWN, Self::shown((client, desk), target, test_id)).await.map_err(late)?
    }

    /// What the script is told of the schedules.
    #[must_use]
    pub fn schedules_json(&self) -> String {
        let schedule = |(id, seats): &(u64, u32)| json!({"scheduleId": id, "seats": seats});
        Value::from(self.schedules.iter().map(schedule).collect::<Vec<_>>()).to_string()
    }

    /// Waits until every gateway shows the concert and its schedules.
    async fn shown(
        (client, desk): (&Client, &Desk),
        target: &Target,
        test_id: &str,
    ) -> Result<Self, PrepareError> {
        let mut schedules = Vec::new();
        let concert = until_some(|| concert(client, &target.gateways[0], test_id)).await?;
        let off = Map::from_iter([("mode".to_owned(), Value::from("off"))]);
        // Whether or not the site's room is in force: schedules behind one that is off are for everybody to read.
        desk.put_policy(OWN, &policy(&off)).await?;
        desk.tie(concert, OWN).await?;
        for gateway in &target.gateways {
            schedules = until_some(|| of_concert(client, gateway, concert)).await?;
        }
        Ok(Self { concert, schedules })
    }
}

/// Asks until there is something.
async fn until_some<T, F>(ask: impl Fn() -> F) -> Result<T, PrepareError>
where
    F: Future<Output = Result<Option<T>, PrepareError>>,
{
    loop {
        if let Some(found) = ask().await? {
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Goes through the pages of what is on.
async fn concert(client: &Client, gateway: &str, test_id: &str) -> Result<Option<u64>, PrepareError> {
    let mut cursor = String::new();
    loop {
        let page = read(client, &format!("{gateway}/api/concerts?limit=200{cursor}")).await?;
        let Some(page) = page else { return Ok(None) };
        let mut concerts = page["concerts"].as_array().into_iter().flatten();
        if let Some(found) = concerts.find(|concert| concert["performer"] == test_id) {
            return Ok(found["concertId"].as_u64());
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(None),
        }
    }
}

/// The schedules with their seats; none while the gateway does not show them.
async fn of_concert(
    client: &Client,
    gateway: &str,
    concert: u64,
) -> Result<Option<Vec<(u64, u32)>>, PrepareError> {
    let page = read(client, &format!("{gateway}/api/concerts/{concert}/schedules?limit=100")).await?;
    let schedule = |schedule: &Value| {
        Some((schedule["scheduleId"].as_u64()?, schedule["totalSeats"].as_u64()?.try_into().ok()?))
    };
    let shown =
        page.map(|page| page["schedules"].as_array().into_iter().flatten().filter_map(schedule).collect());
    Ok(shown.filter(|schedules: &Vec<_>| !schedules.is_empty()))
}

/// The body of an answer; none of one that is no success.
async fn read(client: &Client, url: &str) -> Result<Option<Value>, PrepareError> {
    let answer = get(client, url).await?;
    if !answer.status().is_success() {
        return Ok(None);
    }
    answer.json().await.map(Some).map_err(|source| PrepareError::Gateway { url: url.to_owned(), source })
}

/// A file for `onsale-catalog import`. Halls are the same in each run, and are there but once.
fn house(test_id: &str, seats: &[u32], now: OffsetDateTime) -> Value {
    let sizes: BTreeSet<_> = seats.iter().collect();
    let halls: Vec<_> = sizes.into_iter().map(|seats| hall(*seats)).collect();
    let schedules: Vec<_> = seats.iter().enumerate().map(|(at, seats)| schedule(at, *seats, now)).collect();
    let concert = json!({
        "key": test_id, "name": "Load Test", "performer": test_id, "venue": "Onsale", "schedules": schedules,
    });
    json!({"halls": halls, "concerts": [concert]})
}

fn hall(seats: u32) -> Value {
    let mut rows: Vec<_> =
        (0..seats / ROW).map(|row| json!({"rows": [row.to_string()], "seats": format!("1-{ROW}")})).collect();
    if !seats.is_multiple_of(ROW) {
        rows.push(json!({"rows": ["last"], "seats": format!("1-{}", seats % ROW)}));
    }
    let section = json!({"name": "Floor", "tier": "Standard", "label": "{row}-{number}", "rows": rows});
    json!({"key": format!("load-{seats}"), "name": format!("Load {seats}"), "sections": [section]})
}

fn schedule(at: usize, seats: u32, now: OffsetDateTime) -> Value {
    let instant = |days: i64| (now + Days::days(days)).format(&Rfc3339).unwrap_or_default();
    let later = 30 + i64::try_from(at).unwrap_or_default();
    json!({
        "key": format!("seats-{at}"), "hall": format!("load-{seats}"), "startsAt": instant(later), "saleOpensAt": instant(-1),
        "currency": "EUR", "prices": {"Standard": 4500}, "seatsPerUser": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halls_have_the_seats_that_were_asked_for() {
        for seats in [1, 49, 50, 51, 1_000, 15_000] {
            let hall = hall(seats);
            let rows = hall["sections"][0]["rows"].as_array().unwrap();
            let last =
                |row: &Value| row["seats"].as_str().unwrap().trim_start_matches("1-").parse::<u32>().unwrap();
            assert_eq!(rows.iter().map(last).sum::<u32>(), seats);
        }
    }

    #[test]
    fn a_concert_has_a_schedule_for_each_size() {
        let house = house("seats-1", &[50, 50], OffsetDateTime::UNIX_EPOCH);
        let schedules = house["concerts"][0]["schedules"].as_array().unwrap();
        assert_eq!(schedules.len(), 2);
        assert_ne!(schedules[0]["key"], schedules[1]["key"]);
        assert_eq!(house["halls"].as_array().unwrap().len(), 1, "they are in one hall");
    }
}
