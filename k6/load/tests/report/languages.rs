//! Two documents in two languages say the same figures.

use std::{fs, path::Path};

use pulldown_cmark::{Event, Options, Parser, TagEnd};

/// Documents that have to say the same, from the root of the repository.
const PAIRS: [(&str, &str); 1] = [("docs/load-test/README.md", "docs/load-test/README.ko.md")];

#[test]
fn documents_of_this_repository_say_the_same_figures_in_both_languages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (english, korean) in PAIRS {
        let [one, other] = [english, korean].map(|path| fs::read_to_string(root.join(path)).unwrap());
        let differences = differences(&one, &other);
        assert!(differences.is_empty(), "{english} and {korean}:\n{}", differences.join("\n"));
    }
}

/// What two documents do not say alike. Within a block the order is the language's, so that blocks are compared as sets of
/// figures, one after the other; blocks without a figure are not compared.
pub(crate) fn differences(one: &str, other: &str) -> Vec<String> {
    let (ones, others) = (figures(one), figures(other));
    let pairs = ones.iter().zip(&others).filter(|(one, other)| one.numbers != other.numbers);
    let mut said: Vec<String> = pairs
        .map(|(one, other)| {
            format!("{:?} in {:?}, {:?} in {:?}", one.numbers, one.text, other.numbers, other.text)
        })
        .collect();
    if ones.len() != others.len() {
        said.push(format!("{} blocks with figures, and {}", ones.len(), others.len()));
    }
    said
}

/// A paragraph, a heading, an item, a row of a table: its text, and the figures in it, sorted.
struct Block {
    text: String,
    numbers: Vec<String>,
}

fn figures(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut text = String::new();
    for event in Parser::new_ext(document, Options::ENABLE_TABLES) {
        if let Event::Text(part) | Event::Code(part) = &event {
            text.push_str(part);
        } else if matches!(event, Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::TableCell)) {
            text.push(' ');
        } else if let Event::End(end) = event
            && is_block(end)
        {
            let numbers = numbers(&text);
            if !numbers.is_empty() {
                blocks.push(Block { text: text.trim().to_owned(), numbers });
            }
            text.clear();
        }
    }
    blocks
}

fn is_block(end: TagEnd) -> bool {
    let is_of_table = matches!(end, TagEnd::TableHead | TagEnd::TableRow);
    is_of_table || matches!(end, TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock)
}

/// `1,245.5` is one number, and so is 1245.5; a full stop at the end of a sentence is none of it.
fn numbers(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split(|character: char| !character.is_ascii_digit() && !".,".contains(character))
        .map(|part| part.trim_matches(['.', ',']).replace(',', ""))
        .filter(|number| !number.is_empty())
        .collect();
    found.sort();
    found
}

#[test]
fn the_order_within_a_block_is_the_language_s_own() {
    assert!(differences("From 476 to 1,245/s.\n\n- 3.8 ms", "1245/s까지, 476부터.\n\n- 3.8 ms").is_empty());
}

#[test]
fn a_figure_that_differs_or_is_elsewhere_is_found() {
    assert_eq!(differences("476 and 5", "477 and 5").len(), 1);
    assert_eq!(differences("476\n\n5", "476 5").len(), 2);
    assert_eq!(differences("| a |\n|--:|\n| 1 |\n| 2 |", "| a |\n|--:|\n| 2 |\n| 1 |").len(), 2);
    assert!(differences("one word", "no figure at all\n\nhere").is_empty());
    // What a mark names is no text of the document.
    assert!(differences("is <!--=a.p99_ms-->4<!--/--> ms", "4 ms").is_empty());
}
