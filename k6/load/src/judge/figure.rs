/// A number for a reader: whole ones as they are, others with three figures, none of which is a trailing zero.
pub(crate) fn figure(value: f64) -> String {
    let size = value.abs();
    let decimals = if size >= 100.0 {
        0
    } else if size >= 10.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        3
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    // What rounds to nothing is not nothing.
    if text.trim_start_matches('-') == "0" && size > 0.0 { format!("{value:.1e}") } else { text.to_owned() }
}

/// A share as a percentage.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", figure(100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_say_what_they_are() {
        let shown = [0.0, 3.0, 12.5, 0.25, 1.234, 99.94, 1500.4, -2.5, 0.0004].map(figure);
        assert_eq!(shown, ["0", "3", "12.5", "0.25", "1.23", "99.9", "1500", "-2.5", "4.0e-4"]);
        assert_eq!(percent(0.9512), "95.1 %");
    }
}
