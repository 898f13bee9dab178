//! From the sections of a hall to its seats.

use std::collections::{HashMap, HashSet};

use super::{
    HallSeat,
    check::{duplicate, text},
    file::{HallFile, RowsFile, SectionFile},
    misfit::{Misfit, Place},
    numbers,
};

/// The greatest hall, in seats.
const GREATEST_HALL: usize = 100_000;

/// The longest names, in characters, as the layout's table has them.
const SECTION: usize = 64;
const ROW: usize = 16;
const LABEL: usize = 64;
const TIER: usize = 32;

/// What is the same for the rows of one entry.
struct RowsOf<'a> {
    section: &'a SectionFile,
    tier: &'a str,
    /// Each seat's number and place in the row.
    seats: Vec<(u32, i16)>,
    /// The tiers of seats that are not of the row's.
    other_tiers: HashMap<u32, &'a str>,
    accessible: HashSet<u32>,
}

/// The seats of a hall, by number.
pub(super) fn of_hall(hall: &HallFile, place: &Place, misfits: &mut Vec<Misfit>) -> Vec<HallSeat> {
    let (mut seats, place) = (Vec::new(), place.at("sections"));
    if hall.sections.is_empty() {
        misfits.push(place.misfit("a hall has at least one section"));
    }
    for (index, section) in hall.sections.iter().enumerate() {
        let place = place.at(index);
        text(&section.name, SECTION, &place.at("name"), misfits);
        duplicate(&hall.sections, index, |section| &section.name, &place.at("name"), misfits);
        of_section(section, &place, &mut seats, misfits);
        if seats.len() > GREATEST_HALL {
            misfits.push(place.misfit(format!("a hall has at most {GREATEST_HALL} seats")));
            return seats;
        }
    }
    repeated_labels(&seats, &place, misfits);
    seats
}

fn of_section(section: &SectionFile, place: &Place, seats: &mut Vec<HallSeat>, misfits: &mut Vec<Misfit>) {
    if !(1..=10_000).contains(&section.first_rank) {
        misfits.push(place.at("firstRank").misfit("must be between 1 and 10000"));
        return;
    }
    if section.rows.is_empty() {
        misfits.push(place.at("rows").misfit("a section has at least one row"));
    }
    let mut named = HashSet::new();
    let mut rank = section.first_rank;
    for (index, rows) in section.rows.iter().enumerate() {
        let place = place.at("rows").at(index);
        let shared = alike(section, rows, &place, misfits);
        if rows.rows.is_empty() {
            misfits.push(place.at("rows").misfit("names at least one row"));
        }
        for (nth, row) in rows.rows.iter().enumerate() {
            let place = place.at("rows").at(nth);
            text(row, ROW, &place, misfits);
            if !named.insert(row) {
                misfits.push(place.misfit(format!("there is a row '{row}' already in this section")));
            }
            if let Some(shared) = &shared {
                shared.seat_row(row, rank, &place, seats, misfits);
            }
            rank = rank.saturating_add(1);
        }
    }
}

/// What an entry of rows says, once for all of them; none where it cannot be read.
fn alike<'a>(
    section: &'a SectionFile,
    rows: &'a RowsFile,
    place: &Place,
    misfits: &mut Vec<Misfit>,
) -> Option<RowsOf<'a>> {
    let Some(tier) = rows.tier.as_ref().or(section.tier.as_ref()) else {
        misfits.push(place.misfit("has no tier, and neither has its section"));
        return None;
    };
    text(tier, TIER, &place.at("tier"), misfits);
    let seats = match numbers::row(&rows.seats) {
        Ok(seats) => seats,
        Err(problem) => {
            misfits.push(place.at("seats").misfit(problem));
            return None;
        }
    };
    let mut known = HashSet::new();
    if let Some((twice, _)) = seats.iter().find(|(number, _)| !known.insert(*number)) {
        misfits.push(place.at("seats").misfit(format!("seat {twice} is there twice")));
    }
    let accessible = rows
        .accessible
        .as_deref()
        .map_or_else(Vec::new, |accessible| some_of(accessible, &known, &place.at("accessible"), misfits));
    let mut other_tiers = HashMap::new();
    for (index, other) in rows.other_tiers.iter().enumerate() {
        let place = place.at("otherTiers").at(index);
        text(&other.tier, TIER, &place.at("tier"), misfits);
        for number in some_of(&other.seats, &known, &place.at("seats"), misfits) {
            if other_tiers.insert(number, other.tier.as_str()).is_some() {
                misfits.push(place.at("seats").misfit(format!("seat {number} has another tier already")));
            }
        }
    }
    Some(RowsOf { section, tier, seats, other_tiers, accessible: accessible.into_iter().collect() })
}

/// Numbers of seats that a row has.
fn some_of(text: &str, known: &HashSet<u32>, place: &Place, misfits: &mut Vec<Misfit>) -> Vec<u32> {
    match numbers::list(text) {
        Err(problem) => {
            misfits.push(place.misfit(problem));
            Vec::new()
        }
        Ok(numbers) => {
            if let Some(unknown) = numbers.iter().find(|number| !known.contains(number)) {
                misfits.push(place.misfit(format!("the row has no seat {unknown}")));
            }
            numbers
        }
    }
}

impl RowsOf<'_> {
    fn seat_row(
        &self,
        row: &str,
        rank: u16,
        place: &Place,
        seats: &mut Vec<HallSeat>,
        misfits: &mut Vec<Misfit>,
    ) {
        let Ok(rank) = i16::try_from(rank) else {
            misfits.push(place.misfit("is too far from the stage: ranks end at 32767"));
            return;
        };
        for (number, position) in &self.seats {
            let label = self.label(row, *number);
            if label.chars().count() > LABEL || label.is_empty() {
                misfits.push(place.misfit(format!("'{label}' must be 1 to {LABEL} characters")));
            }
            let tier = self.other_tiers.get(number).copied().unwrap_or(self.tier);
            seats.push(HallSeat {
                section: self.section.name.clone(),
                row: row.to_owned(),
                rank,
                position: *position,
                label,
                tier: tier.to_owned(),
                accessible: self.accessible.contains(number),
            });
        }
    }

    fn label(&self, row: &str, number: u32) -> String {
        let label = self.section.label.replace("{number}", &number.to_string());
        label.replace("{row}", row).replace("{section}", &self.section.name)
    }
}

/// Two tickets that say the same would bring two people to one seat.
fn repeated_labels(seats: &[HallSeat], place: &Place, misfits: &mut Vec<Misfit>) {
    let mut known = HashSet::new();
    if let Some(seat) = seats.iter().find(|seat| !known.insert(&seat.label)) {
        misfits.push(place.misfit(format!("two seats have the label '{}'", seat.label)));
    }
}
