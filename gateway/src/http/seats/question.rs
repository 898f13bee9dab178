use crate::{
    http::{
        parameters::{QueryText, id},
        problem::Problem,
    },
    seats::{MOST_VERSION_TEXT, Part, SeatsVersion, Seen},
};

/// Which representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    List,
    States,
}

/// What is asked of a schedule's seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) concert: u64,
    pub(super) schedule: u64,
    pub(super) view: View,
    available_only: bool,
    pub(super) section: Option<String>,
    /// What the reader has; absent too where it has something that changes cannot be told for.
    pub(super) since: Option<SeatsVersion>,
    /// What has to be in the answer.
    at_least: Vec<Seen>,
}

impl Question {
    pub(super) fn read(concert: &str, schedule: &str, query: &QueryText) -> Result<Self, Problem> {
        let view = match query.text("view")? {
            None | Some("list") => View::List,
            Some("states") => View::States,
            Some(_) => return Err(Problem::parameter("view", "list or states")),
        };
        let available_only = match query.text("status")? {
            None | Some("AVAILABLE") => true,
            Some("ALL") => false,
            Some(_) => return Err(Problem::parameter("status", "AVAILABLE or ALL")),
        };
        let section = query.text("section")?.filter(|section| !section.is_empty()).map(str::to_owned);
        if view == View::States && (section.is_some() || query.text("status")?.is_some()) {
            return Err(Problem::parameter("view", "list, where `status` or `section` is given"));
        }
        let schedule = id("concertScheduleId", schedule)?;
        let (since, at_least) = seen(schedule, query)?;
        let concert = id("concertId", concert)?;
        Ok(Self { concert, schedule, view, available_only, section, since, at_least })
    }

    /// All that the reader has seen or done.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.since.clone().map(Seen::View).into_iter().chain(self.at_least.iter().cloned()).collect()
    }

    /// The body that is the answer, where it is not changes.
    pub(super) fn part(&self) -> Part {
        match (self.view, self.available_only) {
            (View::States, _) => Part::States,
            (View::List, true) => Part::Available(self.section.clone()),
            (View::List, false) => Part::All(self.section.clone()),
        }
    }
}

/// The view that changes are told since, and what has to be in the answer besides. Something else than a version as
/// `since` is what nobody can tell changes for; as `atLeast` it is a mistake.
fn seen(schedule: u64, query: &QueryText) -> Result<(Option<SeatsVersion>, Vec<Seen>), Problem> {
    let read = |text: &str| Seen::decode(text).filter(|seen| seen.schedule() == schedule);
    let (since, written) = match query.bounded("since", MOST_VERSION_TEXT)?.and_then(read) {
        Some(Seen::View(version)) => (Some(version), None),
        Some(Seen::Write(written)) => (None, Some(Seen::Write(written))),
        None => (None, None),
    };
    let wrong = || Problem::parameter("atLeast", "the `version` of an answer about this schedule");
    let at_least = query.bounded("atLeast", MOST_VERSION_TEXT)?.filter(|text| !text.is_empty());
    let at_least = at_least.map(|text| read(text).ok_or_else(wrong)).transpose()?;
    Ok((since, at_least.into_iter().chain(written).collect()))
}
