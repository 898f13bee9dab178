use crate::{
    report::{
        content::Block,
        figures::Figures,
        language::{Column, Word},
        search::Search,
        subject::Subject,
        table::{Cell, Row, Table},
    },
    results::{Check, Held},
};

/// The word on each run, and why it may or may not be believed.
pub(crate) fn trust(subjects: &[Subject], searches: &[Search], figures: &mut Figures) -> Vec<Block> {
    let mut blocks = vec![Block::heading(2, "Verdict, and whether it can be trusted")];
    for subject in subjects.iter().filter(|subject| !subject.is_valid()) {
        blocks.push(Block::Warning(format!("{} is not valid: {}.", subject.label, why(subject))));
    }
    for search in searches {
        blocks.extend(of_search(search));
    }
    if subjects.is_empty() {
        return blocks;
    }
    let verdicts = subjects.iter().map(|subject| {
        let run = &subject.reading.run;
        let cells = [
            Cell::text(&subject.label),
            Cell::Word(subject.word()),
            Cell::text(&run.question),
            Cell::text(&run.test_id),
        ];
        Row::new(cells).not_valid(!subject.is_valid())
    });
    let verdicts = Table::new([Column::Run, Column::Verdict, Column::Question, Column::TestId], verdicts);
    figures.tables.insert("verdicts".to_owned(), verdicts.clone());
    blocks.push(Block::Table(verdicts));

    blocks.push(Block::heading(3, "Validity"));
    blocks.push(Block::text(
        "Where one of these does not hold, the generator or the measuring was at fault, and the run says nothing about the \
         system: neither that it is fast nor that it is slow.",
    ));
    let validity = checks(subjects, |subject| &subject.validity);
    figures.tables.insert("validity".to_owned(), validity.clone());
    blocks.extend(brief(validity, subjects.len()));

    blocks.push(Block::heading(3, "Objectives"));
    let objectives = checks(subjects, |subject| &subject.objectives);
    figures.tables.insert("objectives".to_owned(), objectives.clone());
    blocks.extend(brief(objectives, subjects.len()));
    blocks
}

/// Whether a search can be believed.
fn of_search(search: &Search) -> Vec<Block> {
    let steps = search.capacity.steps.len();
    let mut blocks = Vec::new();
    for step in &search.capacity.steps {
        if let Held::Failed { why, is_invariant: true } = &step.measured.outcome {
            blocks.push(Block::Warning(format!(
                "capacity of {}: an invariant is broken: {why}.",
                search.label
            )));
        }
    }
    if search.is_at_least() {
        blocks.push(Block::Warning(format!(
            "The capacity of {} is at least what is said: the generator gave out before the system did.",
            search.label
        )));
    }
    let said = match search.given_up().as_slice() {
        [] => format!("All {steps} steps of the search for the capacity of {} are valid.", search.label),
        [first, rest @ ..] => format!(
            "Of {steps} steps of the search for the capacity of {} {} are not valid, and count neither for nor against the \
             system; the first of them: {first}.",
            search.label,
            rest.len() + 1
        ),
    };
    blocks.push(Block::text(said));
    blocks
}

/// The whole table; of many runs only what does not hold, since nobody finds it among the rest.
pub(super) fn brief(mut table: Table, runs: usize) -> Vec<Block> {
    if runs <= 3 {
        return vec![Block::Table(table)];
    }
    let all = table.rows.len();
    table.rows.retain(|row| row.cells.contains(&Cell::Word(Word::No)));
    let said = format!("Of {all} checks {} do not hold; figures.json has all of them.", table.rows.len());
    let rest = (!table.rows.is_empty()).then_some(Block::Table(table));
    std::iter::once(Block::text(said)).chain(rest).collect()
}

/// Why a run cannot be believed.
fn why(subject: &Subject) -> String {
    let Some(verdict) = &subject.reading.verdict else { return "nobody judged it".to_owned() };
    let broken: Vec<String> = verdict
        .validity
        .iter()
        .filter(|check| !check.holds)
        .map(|check| format!("{} is {}, has to be {}", check.name, check.seen, check.limit))
        .collect();
    if broken.is_empty() { "its verdict says so".to_owned() } else { broken.join("; ") }
}

fn checks(subjects: &[Subject], of: fn(&crate::results::Verdict) -> &Vec<Check>) -> Table {
    let rows = subjects.iter().flat_map(|subject| {
        let checks = subject.reading.verdict.iter().flat_map(of);
        checks.map(|check| {
            let cells = [
                Cell::text(&subject.label),
                Cell::text(&check.name),
                Cell::text(&check.limit),
                Cell::text(&check.seen),
                Cell::Word(if check.holds { Word::Yes } else { Word::No }),
            ];
            Row::new(cells).not_valid(!subject.is_valid())
        })
    });
    Table::new([Column::Run, Column::Check, Column::Limit, Column::Seen, Column::Holds], rows)
}
