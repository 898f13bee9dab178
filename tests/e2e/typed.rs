//! What README.md and the guides tell people to type.

use crate::{documents::type_section, onsale::Onsale};

const README: &str = include_str!("../../README.md");

#[tokio::test]
async fn the_readmes_visit_can_be_made_and_made_again() {
    let onsale = Onsale::start().await;
    for _ in 0..2 {
        type_section(README, "A first visit", onsale.api().address()).await;
    }
}
