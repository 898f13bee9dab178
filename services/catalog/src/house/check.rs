//! From a file that can be read to a house that fits together.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;

use super::{
    Hall, House, HouseConcert, HouseSchedule,
    file::{ConcertFile, HallFile, HouseFile, ScheduleFile},
    misfit::{Misfit, Misfits, Place},
    seats,
};

/// The longest names of halls, concerts, performers and venues, in characters.
const NAME: usize = 200;

/// The longest key, in characters.
const KEY: usize = 64;

/// The greatest price, in minor units.
const DEAREST: i64 = 1_000_000_000_000;

/// The halls of a file, as its schedules see them.
struct Halls<'a> {
    by_key: BTreeMap<&'a str, usize>,
    tiers: Vec<BTreeSet<&'a str>>,
}

/// Makes a house of a file, or tells all that does not fit.
pub(super) fn house(file: &HouseFile) -> Result<House, Misfits> {
    let mut misfits = Vec::new();
    let place = Place::file().at("halls");
    let halls: Vec<Hall> = (0..)
        .zip(&file.halls)
        .map(|(index, hall)| {
            duplicate(&file.halls, index, |hall| &hall.key, &place.at(index).at("key"), &mut misfits);
            self::hall(hall, &place.at(index), &mut misfits)
        })
        .collect();
    let known = Halls::of(&halls);
    let place = Place::file().at("concerts");
    let concerts = (0..)
        .zip(&file.concerts)
        .map(|(index, concert)| {
            duplicate(
                &file.concerts,
                index,
                |concert| &concert.key,
                &place.at(index).at("key"),
                &mut misfits,
            );
            self::concert(concert, &known, &place.at(index), &mut misfits)
        })
        .collect();
    if misfits.is_empty() { Ok(House { halls, concerts }) } else { Err(Misfits(misfits)) }
}

fn hall(hall: &HallFile, place: &Place, misfits: &mut Vec<Misfit>) -> Hall {
    key(&hall.key, &place.at("key"), misfits);
    text(&hall.name, NAME, &place.at("name"), misfits);
    Hall { key: hall.key.clone(), name: hall.name.clone(), seats: seats::of_hall(hall, place, misfits) }
}

fn concert(
    concert: &ConcertFile,
    halls: &Halls<'_>,
    place: &Place,
    misfits: &mut Vec<Misfit>,
) -> HouseConcert {
    key(&concert.key, &place.at("key"), misfits);
    text(&concert.name, NAME, &place.at("name"), misfits);
    text(&concert.performer, NAME, &place.at("performer"), misfits);
    text(&concert.venue, NAME, &place.at("venue"), misfits);
    let place = place.at("schedules");
    let schedules = (0..).zip(&concert.schedules).map(|(index, schedule)| {
        duplicate(&concert.schedules, index, |schedule| &schedule.key, &place.at(index).at("key"), misfits);
        self::schedule(schedule, halls, &place.at(index), misfits)
    });
    HouseConcert {
        schedules: schedules.collect(),
        key: concert.key.clone(),
        name: concert.name.clone(),
        performer: concert.performer.clone(),
        venue: concert.venue.clone(),
    }
}

fn schedule(
    schedule: &ScheduleFile,
    halls: &Halls<'_>,
    place: &Place,
    misfits: &mut Vec<Misfit>,
) -> HouseSchedule {
    key(&schedule.key, &place.at("key"), misfits);
    let hall = halls.by_key.get(schedule.hall.as_str()).copied();
    match hall.and_then(|hall| halls.tiers.get(hall)) {
        Some(tiers) => prices(&schedule.prices, tiers, &place.at("prices"), misfits),
        None => misfits.push(place.at("hall").misfit(format!("no hall '{}' is in the file", schedule.hall))),
    }
    let currency = &schedule.currency;
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        misfits.push(place.at("currency").misfit("must be three capital letters"));
    }
    if schedule.seats_per_user.is_some_and(|seats| !(1..=1_000_000).contains(&seats)) {
        misfits.push(place.at("seatsPerUser").misfit("must be between 1 and 1000000, or null"));
    }
    let (starts_at, opens) = (micros(schedule.starts_at), micros(schedule.sale_opens_at));
    let closes = schedule.sale_closes_at.map_or(starts_at, micros);
    if opens >= closes {
        misfits.push(place.at("saleOpensAt").misfit("must be before the sale closes"));
    }
    HouseSchedule {
        key: schedule.key.clone(),
        hall: hall.unwrap_or_default(),
        starts_at,
        sale_opens_at: opens,
        sale_closes_at: closes,
        currency: currency.clone(),
        prices: schedule.prices.clone(),
        seats_per_user: schedule.seats_per_user,
    }
}

fn prices(prices: &BTreeMap<String, i64>, tiers: &BTreeSet<&str>, place: &Place, misfits: &mut Vec<Misfit>) {
    for tier in tiers.iter().filter(|tier| !prices.contains_key(**tier)) {
        misfits.push(place.misfit(format!("tier '{tier}' of the hall has no price")));
    }
    for (tier, price) in prices {
        if !tiers.contains(tier.as_str()) {
            misfits.push(place.at(tier).misfit("the hall has no such tier"));
        }
        if !(0..=DEAREST).contains(price) {
            misfits.push(place.at(tier).misfit(format!("must be between 0 and {DEAREST}")));
        }
    }
}

impl<'a> Halls<'a> {
    fn of(halls: &'a [Hall]) -> Self {
        let tiers = halls.iter().map(|hall| hall.seats.iter().map(|seat| seat.tier.as_str()).collect());
        let by_key = halls.iter().enumerate().map(|(index, hall)| (hall.key.as_str(), index));
        Self { by_key: by_key.collect(), tiers: tiers.collect() }
    }
}

/// A name of so many characters at most.
pub(super) fn text(text: &str, longest: usize, place: &Place, misfits: &mut Vec<Misfit>) {
    if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
        misfits.push(
            place.misfit(format!("must be 1 to {longest} characters, none of them a control character")),
        );
    }
}

fn key(key: &str, place: &Place, misfits: &mut Vec<Misfit>) {
    let may_begin = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let may_go_on = |byte: u8| may_begin(byte) || b"._-".contains(&byte);
    if !key.bytes().next().is_some_and(may_begin) || !key.bytes().all(may_go_on) || key.len() > KEY {
        misfits.push(place.misfit(format!(
            "must be 1 to {KEY} small letters, digits, dots, dashes and underscores, the first a letter or a digit"
        )));
    }
}

/// Notes when what names this entry names one before it.
pub(super) fn duplicate<T>(
    entries: &[T],
    index: usize,
    name: fn(&T) -> &str,
    place: &Place,
    misfits: &mut Vec<Misfit>,
) {
    let Some(own) = entries.get(index).map(name) else { return };
    if entries.iter().take(index).any(|before| name(before) == own) {
        misfits.push(place.misfit(format!("'{own}' is there already")));
    }
}

/// An instant as the store keeps it: a finer one would differ from itself when it is compared.
fn micros(at: OffsetDateTime) -> OffsetDateTime {
    let nanosecond = at.nanosecond() / 1_000 * 1_000;
    at.replace_nanosecond(nanosecond).unwrap_or(at)
}
