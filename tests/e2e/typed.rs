//! What README.md and the guides tell people to type.

use crate::{
    documents::type_section,
    onsale::{Onsale, Plan},
};

const README: &str = include_str!("../../README.md");
const OPERATING: &str = include_str!("../../docs/operating-a-room.md");

#[tokio::test]
async fn the_readmes_visit_can_be_made_and_made_again() {
    // It buys, and other tests count what is free.
    let onsale = Onsale::start_as(Plan { own_postgres: true, ..Plan::default() }).await;
    for _ in 0..2 {
        type_section(README, "A first visit", onsale.api().address()).await;
    }
}

#[tokio::test]
async fn the_operators_night_can_be_run_and_run_again() {
    let onsale = Onsale::start().await;
    for _ in 0..2 {
        type_section(OPERATING, "A night's course", onsale.api().address()).await;
    }
}
