use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A Rust file, as the paths that it names: `use a::{b, c::d}` names `a::b` and `a::c::d`.
pub(crate) struct Source {
    /// Relative to the repository, with slashes.
    pub(crate) path: String,
    /// How many lines the file has.
    pub(crate) lines: usize,
    /// What is named outside of `#[cfg(test)]`.
    pub(crate) names: Vec<Name>,
}

/// A path, such as `std::time::Instant`, where it is named.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// Whether it stands before `for`, as the trait that is implemented.
    pub(crate) is_implemented: bool,
}

/// Words that a path may follow, and is not part of.
const KEYWORDS: [&str; 14] =
    ["as", "dyn", "else", "for", "if", "impl", "in", "match", "move", "mut", "ref", "return", "use", "where"];

impl Source {
    pub(crate) fn new(path: impl Into<String>, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap();
        let mut names = Vec::new();
        collect(tokens, &[], &mut names);
        Self { path: path.into(), lines: text.lines().count(), names }
    }
}

fn collect(tokens: TokenStream, prefix: &[String], names: &mut Vec<Name>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut current: Option<Name> = None;
    let mut joined = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                if let Some(name) = current.as_mut().filter(|_| ident == "for") {
                    name.is_implemented = true;
                }
                if !joined {
                    names.extend(current.take());
                }
                if KEYWORDS.iter().any(|keyword| ident == keyword) {
                    continue;
                }
                let line = ident.span().start().line;
                let segments = || prefix.to_vec();
                let name =
                    current.get_or_insert_with(|| Name { segments: segments(), line, is_implemented: false });
                name.segments.push(ident.to_string());
                joined = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint => {
                tokens.next();
                // Without a name before them, the colons only say that the first segment is a crate.
                joined = current.is_some();
            }
            TokenTree::Punct(punct) => {
                names.extend(current.take());
                joined = false;
                if punct.as_char() == '#' && tokens.peek().is_some_and(is_cfg_test) {
                    skip_item(&mut tokens);
                }
            }
            TokenTree::Group(group) => {
                let name = current.take();
                let inner =
                    name.as_ref().filter(|_| joined && is_braced(&group)).map(|name| name.segments.clone());
                if inner.is_none() {
                    names.extend(name);
                }
                collect(group.stream(), &inner.unwrap_or_default(), names);
                joined = false;
            }
            TokenTree::Literal(_) => {
                names.extend(current.take());
                joined = false;
            }
        }
    }
    names.extend(current);
}

fn is_braced(group: &Group) -> bool {
    group.delimiter() == Delimiter::Brace
}

fn is_cfg_test(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// To the end of the item that an attribute stands before: its body, or its semicolon.
fn skip_item(tokens: &mut impl Iterator<Item = TokenTree>) {
    for token in tokens {
        let is_end = match token {
            TokenTree::Group(group) => is_braced(&group),
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        if is_end {
            return;
        }
    }
}
