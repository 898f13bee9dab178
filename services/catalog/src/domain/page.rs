//! Pages of a list: how long, and how a list is cut into them.

use super::{Invalid, Problem};

/// How many items a page has at most: 1 to 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u32);

impl PageLimit {
    /// The longest page.
    pub const MAX: u32 = 200;
    /// The page of a caller who does not say.
    pub const DEFAULT: Self = Self(50);

    /// A limit as the contract has it: 0 stands for the default.
    ///
    /// # Errors
    /// Names `limit` when it is greater than [`Self::MAX`].
    pub fn new(limit: u32) -> Result<Self, Invalid> {
        match limit {
            0 => Ok(Self::DEFAULT),
            1..=Self::MAX => Ok(Self(limit)),
            _ => Err(Invalid { field: "limit", problem: Problem::Limit { max: Self::MAX } }),
        }
    }

    /// How many items to read for a page: one more than it shows, to see whether another follows.
    #[must_use]
    pub fn look_ahead(self) -> u32 {
        self.0 + 1
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page; none on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts the page from what was read for it, at most [`PageLimit::look_ahead`] items; `cursor`
    /// makes the next page's cursor of the last item shown.
    pub fn cut(mut items: Vec<T>, limit: PageLimit, cursor: impl FnOnce(&T) -> String) -> Self {
        let shown = usize::try_from(limit.0).unwrap_or(usize::MAX);
        let more = items.len() > shown;
        items.truncate(shown);
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_bounded_and_have_a_default() {
        assert_eq!(PageLimit::new(0), Ok(PageLimit::DEFAULT));
        assert_eq!(PageLimit::new(200).map(PageLimit::look_ahead), Ok(201));
        for limit in [201, u32::MAX] {
            assert_eq!(PageLimit::new(limit).map_err(|invalid| invalid.field), Err("limit"));
        }
    }

    #[test]
    fn only_a_page_that_another_follows_has_a_cursor() {
        let limit = PageLimit::new(2).expect("in range");
        let page = Page::cut(vec![1, 2, 3], limit, ToString::to_string);
        assert_eq!(page, Page { items: vec![1, 2], next: Some("2".to_owned()) });
        assert_eq!(Page::cut(vec![1, 2], limit, ToString::to_string).next, None);
        assert_eq!(Page::cut(vec![], limit, |last: &i32| last.to_string()).next, None);
    }
}
