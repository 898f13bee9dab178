//! Seat numbers as a house writes them: "1-10 | 11-20".

/// The longest row, in seats.
const LONGEST: usize = 1_000;

/// The greatest number that a seat may have.
const GREATEST: u32 = 99_999;

/// The seats of a row from left to right, each with its place in the row: an aisle skips one.
pub(super) fn row(text: &str) -> Result<Vec<(u32, i16)>, String> {
    let mut seats = Vec::new();
    let mut position: i16 = 0;
    for (index, block) in text.split('|').enumerate() {
        position += i16::from(index > 0);
        for number in list(block)? {
            position += 1;
            seats.push((number, position));
        }
        if seats.len() > LONGEST {
            return Err(format!("a row has at most {LONGEST} seats"));
        }
    }
    Ok(seats)
}

/// Numbers in the order in which they are written.
pub(super) fn list(text: &str) -> Result<Vec<u32>, String> {
    let mut numbers = Vec::new();
    for part in text.split(',') {
        numbers.extend(span(part.trim())?);
        if numbers.len() > LONGEST {
            return Err(format!("a row has at most {LONGEST} seats"));
        }
    }
    Ok(numbers)
}

/// The numbers of one number or span.
fn span(text: &str) -> Result<Vec<u32>, String> {
    let Some((from, to)) = text.split_once('-') else { return Ok(vec![number(text)?]) };
    let (to, step) = to.split_once('/').unwrap_or((to, "1"));
    let (from, to, step) = (number(from)?, number(to)?, number(step)?);
    if step == 0 {
        return Err(format!("'{text}': a step is 1 or more"));
    }
    if !from.abs_diff(to).is_multiple_of(step) {
        return Err(format!("'{text}': {to} is not reached from {from} in steps of {step}"));
    }
    let last = from.abs_diff(to) / step;
    if last as usize >= LONGEST {
        return Err(format!("'{text}': a row has at most {LONGEST} seats"));
    }
    Ok((0..=last).map(|nth| if from <= to { from + nth * step } else { from - nth * step }).collect())
}

fn number(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number <= GREATEST);
    number.ok_or_else(|| format!("'{text}' is not a number from 0 to {GREATEST}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        assert_eq!(row("1-3"), Ok(vec![(1, 1), (2, 2), (3, 3)]));
        assert_eq!(row(" 3 - 1/2 | 2-4/2, 7"), Ok(vec![(3, 1), (1, 2), (2, 4), (4, 5), (7, 6)]));
        assert_eq!(list("5,4, 9-9"), Ok(vec![5, 4, 9]));
        assert_eq!(row("1 | 2 | 3").map(|seats| seats.last().copied()), Ok(Some((3, 5))));
        assert_eq!(row("1-1000").map(|seats| seats.len()), Ok(1000));
    }

    #[test]
    fn what_is_no_list_of_numbers_is_refused() {
        for wrong in [
            "", " ", "1-", "-1", "1-2-3", "a", "1,,2", "1 2", "1-4/2", "1-3/0", "+1", "1|", "|1", "100000",
            "1-1001",
        ] {
            assert!(row(wrong).is_err(), "{wrong}");
        }
        assert!(list("1|2").is_err());
        assert!(row("1-600|601-1200").is_err());
    }
}
