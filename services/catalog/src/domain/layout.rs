//! A hall as it is numbered.

use super::LayoutId;

/// A hall. It never changes once a schedule uses it, so that it may be kept for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its id.
    pub id: LayoutId,
    /// What it is called.
    pub name: String,
    /// Its places by number: the first is seat 1.
    pub seats: Vec<LayoutSeat>,
}

/// One numbered place of a hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutSeat {
    /// The part of the hall.
    pub section: String,
    /// The row within the section.
    pub row: String,
    /// Two seats of one section and row are neighbours when their positions differ by one.
    pub position: u32,
    /// What is printed on the ticket.
    pub label: String,
    /// The price tier.
    pub tier: String,
    /// Whether it is kept for those who need it.
    pub accessible: bool,
}
