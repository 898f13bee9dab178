//! Panels as SVG.

use plotters::{
    chart::{ChartBuilder, ChartContext},
    coord::{Shift, cartesian::Cartesian2d},
    drawing::{DrawingArea, IntoDrawingArea as _},
    element::{Circle, Cross, DashedPathElement, PathElement, Rectangle, Text},
    style::{
        Color as _, FontStyle, IntoFont as _, RGBColor, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use plotters_svg::SVGBackend;

use super::{
    palette::{INK, PAPER, QUIET, RULE, SHADE, VERMILION},
    panel::{Curve, Panel, Style},
    ticks::Ticks,
};
use crate::report::ReportError;

const WIDTH: u32 = 880;
const PANEL: u32 = 300;
const HEADER: u32 = 34;
/// What is left free at the right, for the names of curves.
const NAMES: u32 = 168;
/// The height of a line of text.
const LINE: i32 = 15;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Ticks, Ticks>>;
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Panels below one another, under a title.
pub(crate) fn svg(name: &str, title: &str, is_valid: bool, panels: &[Panel]) -> Result<String, ReportError> {
    let count = u32::try_from(panels.len()).unwrap_or(1);
    picture(name, HEADER + count * PANEL, |area| whole(area, title, is_valid, panels))
}

/// A picture of this height.
pub(super) fn picture(
    name: &str,
    height: u32,
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<String, ReportError> {
    let mut text = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        area.fill(&PAPER).map_err(Into::into).and_then(|()| draw(&area)).and_then(|()| Ok(area.present()?))
    };
    drawn.map_err(|error| ReportError::Plot { plot: name.to_owned(), reason: error.to_string() })?;
    Ok(text)
}

fn whole(area: &Area<'_>, title: &str, is_valid: bool, panels: &[Panel]) -> Drawn {
    let (header, rest) = area.split_vertically(HEADER);
    heading(&header, title, is_valid)?;
    for (part, panel) in rest.split_evenly((panels.len(), 1)).iter().zip(panels) {
        draw(part, panel)?;
    }
    Ok(())
}

/// The title, and beside it that the figures say nothing, where that is so.
pub(super) fn heading(area: &Area<'_>, title: &str, is_valid: bool) -> Drawn {
    let bold = ("sans-serif", 17).into_font().style(FontStyle::Bold);
    area.draw(&Text::new(title.to_owned(), (14, 9), TextStyle::from(bold.clone()).color(&INK)))?;
    if !is_valid {
        let right = i32::try_from(WIDTH).unwrap_or(0) - 14;
        let style = TextStyle::from(bold).color(&VERMILION).pos(Pos::new(HPos::Right, VPos::Top));
        area.draw(&Text::new("NOT VALID".to_owned(), (right, 9), style))?;
    }
    Ok(())
}

fn draw(area: &Area<'_>, panel: &Panel) -> Drawn {
    let points = || panel.curves.iter().flat_map(|curve| &curve.points);
    let spans = panel.spans.iter().flat_map(|span| [span.from, span.to]);
    let x = Ticks::of(&panel.x, points().map(|(x, _)| *x).chain(spans));
    let y =
        Ticks::of(&panel.y, points().map(|(_, y)| *y).chain(panel.limits.iter().map(|(limit, _)| *limit)));
    let mut chart = ChartBuilder::on(area)
        .margin_top(42)
        .margin_right(NAMES)
        .margin_left(8)
        .margin_bottom(20)
        .x_label_area_size(24)
        .y_label_area_size(56)
        .build_cartesian_2d(x.clone(), y.clone())?;
    shade(&mut chart, panel, &y)?;
    span_names(area, &chart, panel, &y)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(RULE)
        .light_line_style(RULE.mix(0.0))
        .axis_style(QUIET)
        .label_style(text(13, QUIET))
        .x_labels(x.at.len())
        .y_labels(y.at.len())
        .draw()?;
    limits(&mut chart, panel, &x)?;
    for curve in &panel.curves {
        line(&mut chart, panel, curve)?;
    }
    titles(area, panel)?;
    let ends: Vec<(i32, String, RGBColor)> =
        panel.curves.iter().filter_map(|curve| end(&chart, panel, curve)).collect();
    names(area, &chart, ends)
}

/// Phases and faults, behind everything.
fn shade(chart: &mut Chart<'_, '_>, panel: &Panel, y: &Ticks) -> Drawn {
    for (index, span) in panel.spans.iter().enumerate() {
        let corners = [(panel.x.scale.place(span.from), y.from), (panel.x.scale.place(span.to), y.to)];
        if span.is_fault {
            chart.draw_series([Rectangle::new(corners, VERMILION.mix(0.16).filled())])?;
        } else if index % 2 == 1 {
            chart.draw_series([Rectangle::new(corners, SHADE.filled())])?;
        }
    }
    Ok(())
}

/// The names of phases and faults, above the axes: in two lines, since a fault is within a phase.
fn span_names(area: &Area<'_>, chart: &Chart<'_, '_>, panel: &Panel, y: &Ticks) -> Drawn {
    for span in &panel.spans {
        let (left, top) = chart.backend_coord(&(panel.x.scale.place(span.from), y.to));
        let (right, _) = chart.backend_coord(&(panel.x.scale.place(span.to), y.to));
        // A name that has no room would lie over its neighbour's; a fault is short and always named.
        if span.is_fault || right - left > width(&span.name) {
            let (up, color) = if span.is_fault { (2 * LINE, VERMILION) } else { (LINE + 1, QUIET) };
            area.draw(&Text::new(span.name.clone(), local(area, (left + 3, top - up)), text(12, color)))?;
        }
    }
    Ok(())
}

fn limits(chart: &mut Chart<'_, '_>, panel: &Panel, x: &Ticks) -> Drawn {
    for (limit, name) in &panel.limits {
        let height = panel.y.scale.place(*limit);
        let style = INK.stroke_width(1);
        chart.draw_series([DashedPathElement::new([(x.from, height), (x.to, height)], 2, 3, style)])?;
        let (right, middle) = chart.backend_coord(&(x.to, height));
        let at = chart.plotting_area().strip_coord_spec();
        // Above the line, but for one at the top, where the names of phases are.
        let is_at_top = middle - at.get_base_pixel().1 < LINE;
        let (vertical, apart) = if is_at_top { (VPos::Top, 4) } else { (VPos::Bottom, -2) };
        let style = text(12, INK).pos(Pos::new(HPos::Right, vertical));
        at.draw(&Text::new(name.clone(), local(&at, (right - 4, middle + apart)), style))?;
    }
    Ok(())
}

fn line(chart: &mut Chart<'_, '_>, panel: &Panel, curve: &Curve) -> Drawn {
    let style = curve.color.stroke_width(2);
    for stretch in curve.stretches() {
        let points: Vec<(f64, f64)> = stretch.iter().map(|point| placed(panel, *point)).collect();
        if let ([at], Style::Line | Style::Dashed) = (points.as_slice(), curve.style) {
            // A line through one point is none.
            chart.draw_series([Circle::new(*at, 2, curve.color.filled())])?;
            continue;
        }
        match curve.style {
            Style::Dashed => chart.draw_series([DashedPathElement::new(points, 6, 4, style)]).map(|_| ())?,
            Style::Line => chart.draw_series([PathElement::new(points, style)]).map(|_| ())?,
            Style::Crosses => {
                chart.draw_series(points.into_iter().map(|at| Cross::new(at, 4, style)))?;
            }
            Style::Dotted => {
                chart.draw_series([PathElement::new(points.clone(), style)])?;
                chart.draw_series(points.into_iter().map(|at| Circle::new(at, 3, curve.color.filled())))?;
            }
        }
    }
    Ok(())
}

fn placed(panel: &Panel, (x, y): (f64, f64)) -> (f64, f64) {
    (panel.x.scale.place(x), panel.y.scale.place(y))
}

fn titles(area: &Area<'_>, panel: &Panel) -> Drawn {
    let (width, height) = area.dim_in_pixel();
    let (right, bottom) = (i32::try_from(width - NAMES)?, i32::try_from(height)?);
    area.draw(&Text::new(panel.y.title.clone(), (14, 2), text(13, INK)))?;
    let style = text(13, INK).pos(Pos::new(HPos::Right, VPos::Bottom));
    area.draw(&Text::new(panel.x.title.clone(), (right, bottom - 4), style))?;
    Ok(())
}

/// Where a curve ends on the panel, in pixels from its top.
fn end(chart: &Chart<'_, '_>, panel: &Panel, curve: &Curve) -> Option<(i32, String, RGBColor)> {
    let last = placed(panel, *curve.points.last()?);
    Some((chart.backend_coord(&last).1, curve.name.clone(), curve.color))
}

/// The names of curves at their ends, pushed apart where they would lie over one another.
fn names(area: &Area<'_>, chart: &Chart<'_, '_>, mut ends: Vec<(i32, String, RGBColor)>) -> Drawn {
    ends.sort_by_key(|(height, _, _)| *height);
    let (_, top) = area.get_base_pixel();
    let (right, bottom) = {
        let (x, y) = chart.plotting_area().get_pixel_range();
        (x.end, y.end)
    };
    let mut heights: Vec<i32> = ends.iter().map(|(height, _, _)| *height).collect();
    apart(&mut heights, bottom);
    for ((_, name, color), height) in ends.into_iter().zip(heights) {
        let style = text(13, color).pos(Pos::new(HPos::Left, VPos::Center));
        let (left, _) = area.get_base_pixel();
        area.draw(&Text::new(name, (right + 8 - left, height - top), style))?;
    }
    Ok(())
}

/// Moves heights, which are sorted, as little as needed for a line of text each.
fn apart(heights: &mut [i32], bottom: i32) {
    for index in 1..heights.len() {
        heights[index] = heights[index].max(heights[index - 1] + LINE);
    }
    let mut lowest = bottom;
    for height in heights.iter_mut().rev() {
        *height = (*height).min(lowest);
        lowest = *height - LINE;
    }
}

pub(super) fn text(size: i32, color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&color)
}

/// How wide a name in small letters is, about.
pub(super) fn width(name: &str) -> i32 {
    i32::try_from(name.chars().count()).unwrap_or(i32::MAX / 8).saturating_mul(7)
}

fn local(area: &Area<'_>, (x, y): (i32, i32)) -> (i32, i32) {
    let (left, top) = area.get_base_pixel();
    (x - left, y - top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_apart_and_stay_on_the_panel() {
        let mut heights = [10, 12, 100, 288, 290, 299];
        apart(&mut heights, 300);
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= LINE), "{heights:?}");
        assert!(heights[0] == 10 && heights[2] == 100 && heights[5] <= 300, "{heights:?}");
    }
}
