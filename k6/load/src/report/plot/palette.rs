//! Colours that the colour-blind tell apart too (Okabe and Ito), and those that a page replaces on dark ground: `page.css`
//! knows them by value.

use plotters::style::RGBColor;

pub(crate) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
pub(crate) const INK: RGBColor = RGBColor(0x1C, 0x1C, 0x1E);
pub(crate) const QUIET: RGBColor = RGBColor(0x6A, 0x6A, 0x70);
pub(crate) const RULE: RGBColor = RGBColor(0xDC, 0xDC, 0xE0);
pub(crate) const SHADE: RGBColor = RGBColor(0xF0, 0xF0, 0xF3);

pub(crate) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
pub(crate) const VERMILION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
pub(crate) const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
pub(crate) const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
pub(crate) const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
pub(crate) const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
/// What is neither good nor bad.
pub(crate) const GREY: RGBColor = RGBColor(0x99, 0x99, 0x99);

/// Colours for things without an order, such as processes.
pub(crate) const MANY: [RGBColor; 7] = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY];

/// A colour for the thing at this place of a list.
pub(crate) fn nth(index: usize) -> RGBColor {
    MANY[index % MANY.len()]
}
