use plotters::{
    element::{Rectangle, Text},
    style::{
        Color as _, RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    draw::{self, Area, Drawn},
    palette,
};
use crate::report::{
    ReportError,
    call::Call,
    content::{Drawing, Plot},
    number::number,
    subject::Subject,
};

const LEFT: i32 = 120;
const BAR: i32 = 480;
const ROW: i32 = 30;
const TOP: i32 = 64;

/// A kind of answer: its name, its colour and how many there were.
type Kind = (&'static str, RGBColor, fn(&Call) -> Option<f64>);

const KINDS: [Kind; 4] = [
    ("2xx", palette::BLUE, |call| call.answers.ok),
    ("304", palette::SKY, |call| call.answers.not_modified),
    ("refused by design", palette::ORANGE, |call| call.answers.refused),
    ("failed", palette::VERMILION, |call| call.answers.failed),
];

/// With what each call was answered.
pub(crate) fn statuses(subject: &Subject) -> Result<Plot, ReportError> {
    let name = format!("statuses-{}", super::file_name(&subject.label));
    let calls: Vec<&Call> =
        subject.calls.iter().filter(|call| call.answers.ok.is_some() && total(call) > 0.0).collect();
    let drawing = if calls.is_empty() {
        Drawing::Missing("the summary does not tell answers apart by status".to_owned())
    } else {
        let height = TOP + ROW * i32::try_from(calls.len()).unwrap_or(1) + 14;
        let title = format!("{}: answers of each call", subject.label);
        let drawn = |area: &Area<'_>| {
            draw::heading(area, &title, subject.is_valid())?;
            legend(area)?;
            calls.iter().zip(0..).try_for_each(|(call, row)| bar(area, call, TOP + row * ROW))
        };
        Drawing::Svg(draw::picture(&name, u32::try_from(height).unwrap_or(200), drawn)?)
    };
    Ok(Plot {
        name,
        title: format!("What was answered? {}", subject.marked()),
        caption: "Each bar is all requests of a call. What was refused as the contract says is no failure; what failed is 5xx, no answer, or an \
                  answer that the script did not expect."
            .to_owned(),
        drawing,
    })
}

fn total(call: &Call) -> f64 {
    KINDS.iter().filter_map(|(_, _, count)| count(call)).sum()
}

fn legend(area: &Area<'_>) -> Drawn {
    let mut left = LEFT;
    for (name, color, _) in KINDS {
        area.draw(&Rectangle::new([(left, 43), (left + 11, 54)], color.filled()))?;
        area.draw(&Text::new(name, (left + 16, 42), draw::text(13, palette::INK)))?;
        left += 44 + draw::width(name);
    }
    Ok(())
}

fn bar(area: &Area<'_>, call: &Call, top: i32) -> Drawn {
    let middle = |horizontal| draw::text(13, palette::INK).pos(Pos::new(horizontal, VPos::Center));
    area.draw(&Text::new(call.name.clone(), (LEFT - 8, top + 11), middle(HPos::Right)))?;
    let all = total(call);
    let mut sum = 0.0;
    for (_, color, count) in KINDS {
        let from = pixels(sum / all);
        sum += count(call).unwrap_or(0.0);
        let to = pixels(sum / all);
        if to > from {
            area.draw(&Rectangle::new([(from, top), (to, top + 22)], color.filled()))?;
        }
    }
    // What is too little to be seen as a bar is still said.
    let words = KINDS.iter().skip(2).filter_map(|(name, _, count)| {
        let count = count(call).filter(|count| *count > 0.0)?;
        let name = name.split(' ').next().unwrap_or_default();
        Some(format!("{} % {name}", number(100.0 * count / all)))
    });
    let said: Vec<String> = std::iter::once(number(all)).chain(words).collect();
    area.draw(&Text::new(said.join(", "), (LEFT + BAR + 8, top + 11), middle(HPos::Left)))?;
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "pixels of a plot")]
fn pixels(share: f64) -> i32 {
    LEFT + (share * f64::from(BAR)).round() as i32
}
