//! How a figure is written: three significant digits, all digits of what counts whole things, thousands apart.

/// A figure as text: `3.82`, `17.4`, `748`, `1,245`.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value.abs() >= 1_000.0 || (value - value.round()).abs() < 1e-9 {
        return fixed(value, 0);
    }
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.1 => 2,
        size if size >= 0.01 => 3,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

/// A figure with so many decimals.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let is_zero = text.chars().all(|digit| "0.".contains(digit));
    let mut written = String::from(if value < 0.0 && !is_zero { "-" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written.extend(rest.map(|rest| format!(".{rest}")));
    written
}

/// Bytes as a person reads them.
pub(crate) fn bytes(count: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut rest = count;
    let mut unit = UNITS[0];
    for larger in &UNITS[1..] {
        if rest < 1_024.0 {
            break;
        }
        rest /= 1_024.0;
        unit = larger;
    }
    format!("{} {unit}", number(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_enough_and_counts_are_whole() {
        let written =
            [3.8172, 17.44, 748.2, 99.97, 1_244.7, 30_000.0, 2.0, 0.0, 0.0501, 0.00042, -1_500.0].map(number);
        let expected =
            ["3.82", "17.4", "748", "100", "1,245", "30,000", "2", "0", "0.050", "0.0004", "-1,500"];
        assert_eq!(written, expected);
        assert_eq!(number(f64::NAN), "–");
        assert_eq!(
            [(1_234.56, 1), (-0.04, 1), (2.0, 2)].map(|(value, decimals)| fixed(value, decimals)),
            ["1,234.6", "0.0", "2.00"]
        );
    }

    #[test]
    fn bytes_are_written_in_the_largest_unit_that_leaves_one_digit_before_the_point() {
        assert_eq!([512.0, 2_048.0, 8_589_934_592.0].map(bytes), ["512 B", "2 KiB", "8 GiB"]);
    }
}
