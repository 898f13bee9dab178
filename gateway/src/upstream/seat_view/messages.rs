//! Messages of the seat view service, to domain values and back.

use std::{collections::HashSet, sync::Arc, time::Duration};

use onsale_proto::catalog::v1 as pb;
use onsale_seat_view::{Malformed, SEATS_PER_BLOCK, SeatChange, SeatVector, Seats};
use pb::schedule_seats::News;

use crate::{
    failure::{Failure, Service},
    seats::{Facts, Known, Layout, LayoutSeat, NewsOf, SeatNews},
};

pub(super) fn watched(known: &Known) -> pb::WatchedSchedule {
    let vector = known.vector.as_ref().map(|vector| pb::SeatVector {
        epoch: vector.epoch,
        revision: vector.revision,
        blocks: vector.blocks.clone(),
    });
    pb::WatchedSchedule { schedule_id: known.schedule, known: vector }
}

pub(super) fn news(known: &Known, told: pb::ScheduleSeats) -> Result<SeatNews, Failure> {
    if told.schedule_id != known.schedule {
        return Err(Failure::wrong_answer(Service::Catalog, "schedule_id"));
    }
    let (age, now_us) = (Duration::from_millis(told.age_ms), told.now_us);
    let of = if told.not_found {
        NewsOf::NotFound
    } else {
        match told.news {
            None => NewsOf::Nothing,
            Some(news) => news_of(known.schedule, vector(told.vector)?, news)?,
        }
    };
    Ok(SeatNews { schedule: known.schedule, age, now_us, of })
}

fn news_of(schedule: u64, vector: SeatVector, news: News) -> Result<NewsOf, Failure> {
    match news {
        News::All(all) => {
            let seats = Seats::whole(vector, &all.states, &all.held_until_us).map_err(malformed)?;
            let facts = Facts {
                concert: all.concert_id,
                schedule,
                layout: all.layout_id,
                starts_at_ms: all.starts_at_ms,
                currency: all.currency,
                prices: all.price_by_tier.into_iter().collect(),
            };
            Ok(NewsOf::All(facts, seats))
        }
        News::Changes(changes) => {
            let changes = self::changes(&vector, changes)?;
            Ok(NewsOf::Changes(vector, changes))
        }
    }
}

/// When each seat changed exactly is not told: with the version of its block that it was told with, or before.
fn changes(vector: &SeatVector, changes: pb::SeatChanges) -> Result<Vec<SeatChange>, Failure> {
    let states = Seats::states_of_codes(&changes.states, &changes.held_until_us).map_err(malformed)?;
    if states.len() != changes.seat_nos.len() {
        return Err(malformed(Malformed::Lists));
    }
    let seats = changes.seat_nos.into_iter().zip(states).map(|(seat_no, state)| {
        let block = usize::try_from(seat_no.checked_sub(1)?).ok()? / SEATS_PER_BLOCK;
        vector.blocks.get(block).map(|version| SeatChange { seat_no, version: *version, state })
    });
    seats.collect::<Option<_>>().ok_or_else(|| malformed(Malformed::SeatNo))
}

fn vector(vector: Option<pb::SeatVector>) -> Result<SeatVector, Failure> {
    let vector = vector.ok_or_else(|| Failure::wrong_answer(Service::Catalog, "vector"))?;
    Ok(SeatVector { epoch: vector.epoch, revision: vector.revision, blocks: vector.blocks })
}

fn malformed(malformed: Malformed) -> Failure {
    Failure::Broken { service: Service::Catalog, reason: malformed.to_string() }
}

/// Sections, rows and tiers repeat: each is kept once.
pub(super) fn layout(layout: pb::Layout) -> Layout {
    let mut texts: HashSet<Arc<str>> = HashSet::new();
    let mut text = |text: String| -> Arc<str> {
        if let Some(known) = texts.get(text.as_str()) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        texts.insert(Arc::clone(&new));
        new
    };
    let seats = layout.seats.into_iter().map(|seat| LayoutSeat {
        section: text(seat.section),
        row: text(seat.row),
        position: seat.position,
        label: seat.label,
        tier: text(seat.tier),
        accessible: seat.accessible,
    });
    Layout::new(layout.layout_id, layout.name, seats.collect())
}
