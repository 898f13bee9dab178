//! Seats as the gateway serves them: from views that it pulls, none older than the bound.
//!
//! [`SeatViews`] is what the HTTP handlers read through. A schedule that somebody reads is watched until nobody has
//! for ten seconds. Every 50 ms one call asks some copy of the catalog what has changed in all that is watched; its
//! answer is as old as the time since that call was sent, and as the copy says besides. So the age of what is served
//! is known at each moment, whichever messages were lost or late; what is older than the bound is refused.
//!
//! What copies tell is ordered, since each tells snapshots of one store: a view is never replaced by what it covers
//! already. The end of a hold needs no message: the store's clock is carried on from what the copies told, never
//! ahead of it.
//!
//! A view as it is shown at an instant is [`Shown`]: it has the version, and what was encoded of it, once.

mod encoded;
mod flight;
mod layouts;
mod news;
mod read;
mod refresh;
mod schedule_lists;
mod shown;
mod version;
mod view;
mod views;
mod watched;

pub(crate) use encoded::Encoded;
pub(crate) use layouts::{Layout, LayoutSeat};
pub(crate) use news::{Facts, Known, NewsOf, Refreshed, SeatNews};
pub(crate) use read::SeatsRead;
pub(crate) use refresh::keep_fresh;
pub(crate) use schedule_lists::{ScheduleList, ScheduleLists};
pub(crate) use shown::{Part, Shown};
pub(crate) use version::{MOST_VERSION_TEXT, SeatsVersion, Seen};
pub(crate) use views::SeatViews;
