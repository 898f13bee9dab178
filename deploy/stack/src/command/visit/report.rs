use std::{fmt::Write as _, time::Duration};

use onsale_stack::{
    invariants::{Finding, Seen},
    operator::RoomSeen,
};

use super::tally::{Step, Tally, percentile};

/// Seats are never older than this when they are told.
const BOUND_MS: u64 = 250;
/// How many breaks of an invariant are told in full.
const TOLD: usize = 5;

/// What came of a visit.
pub(super) struct Report {
    pub(super) tally: Tally,
    pub(super) room: RoomSeen,
    /// What is in the stores afterwards.
    pub(super) stores: Vec<Finding>,
}

/// What was looked at for an invariant, by whom, and what was wrong.
struct Row {
    invariant: String,
    what: String,
    seen: Seen,
}

impl Report {
    /// Whether everything that has to hold does, and the visit was one.
    pub(super) fn is_well(&self) -> bool {
        let holds = self.rows().iter().all(|row| row.seen.broken.is_empty());
        holds && self.tally.unexpected == 0 && self.tally.count(Step::Bought) > 0
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.steps(&mut text);
        self.calls(&mut text);
        self.invariants(&mut text);
        for told in &self.tally.unexpected_told {
            line(&mut text, &format!("  unexpected: {told}"));
        }
        let verdict = if self.is_well() { "all is well" } else { "SOMETHING IS WRONG" };
        line(&mut text, &format!("\n{verdict}"));
        text
    }

    fn steps(&self, text: &mut String) {
        let tally = &self.tally;
        line(text, "\n  visitors");
        for (step, what) in [
            (Step::Came, "came"),
            (Step::Waited, "waited in line"),
            (Step::Admitted, "got in"),
            (Step::Held, "held seats"),
            (Step::Bought, "bought them"),
            (Step::TookBack, "took that back"),
            (Step::WentAway, "walked away with a hold"),
            (Step::FoundNothing, "found nothing to their liking"),
            (Step::LostTheSlot, "were not seen for too long, and lost their slot"),
            (Step::GaveUp, "gave up"),
        ] {
            line(text, &format!("    {:>7}  {what}", tally.count(step)));
        }
        let (half, most) = (percentile(&tally.waits, 50), percentile(&tally.waits, 99));
        line(text, &format!("    half of them were in within {half:.1?}, 99 in 100 within {most:.1?}"));
        line(text, &format!("    {} were in at once at most", self.room.most_active));
        line(text, &format!("    {} came too late for a seat and chose again", tally.too_late));
        line(
            text,
            &format!(
                "    {} answers said to come back, {} were unexpected",
                tally.come_back, tally.unexpected
            ),
        );
    }

    fn calls(&self, text: &mut String) {
        line(text, &format!("\n  {:<12} {:>8} {:>10} {:>10} {:>10}", "call", "answers", "p50", "p99", "max"));
        for (call, times) in &self.tally.calls {
            let [half, most, max] = [50, 99, 100].map(|percent| milliseconds(percentile(times, percent)));
            let name = format!("{call:?}");
            line(text, &format!("  {name:<12} {:>8} {half:>10} {most:>10} {max:>10}", times.len()));
        }
    }

    fn invariants(&self, text: &mut String) {
        line(text, &format!("\n  {:<4} {:>9}  {:<9} what", "", "looked at", ""));
        for row in self.rows() {
            let Row { invariant, what, seen } = &row;
            let verdict = if seen.broken.is_empty() { "holds" } else { "BROKEN" };
            line(text, &format!("  {invariant:<4} {:>9}  {verdict:<9} {what}", seen.checked));
            for broken in seen.broken.iter().take(TOLD) {
                line(text, &format!("                            {broken}"));
            }
        }
    }

    /// What visitors saw, what the room showed, and what the stores hold, by invariant.
    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut add = |invariant: &str, what: &str, seen: Seen| {
            rows.push(Row { invariant: invariant.to_owned(), what: what.to_owned(), seen });
        };
        for finding in &self.stores {
            let seen = Seen { checked: finding.checked, broken: finding.broken.clone() };
            add(&finding.invariant, &format!("store: {}", finding.says), seen);
        }
        add("I2", "room: serving never fell, and never ran ahead", self.room.serving.clone());
        add("I3", "room: never more in than capacity", self.room.capacity.clone());
        for (invariant, what) in [
            ("I2", "visitors: who waits never sees more before it"),
            ("I4", "visitors: the poll that admits gives one session"),
            ("I5", "visitors: nobody has another's seat, one order is one sale"),
            ("I7", "visitors: who holds a seat does not see it free"),
        ] {
            add(invariant, what, self.tally.seen.get(invariant).cloned().unwrap_or_default());
        }
        add("I7", &format!("visitors: no seats older than {BOUND_MS} ms"), self.ages());
        rows.sort_by(|one, other| one.invariant.cmp(&other.invariant));
        rows
    }

    fn ages(&self) -> Seen {
        let too_old = self.tally.ages_ms.iter().filter(|age| **age > BOUND_MS);
        let broken = too_old.map(|age| format!("seats were {age} ms old")).collect();
        Seen { checked: self.tally.ages_ms.len(), broken }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

fn line(text: &mut String, line: &str) {
    // A String takes whatever is written to it.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut tally = Tally::default();
        tally.reached(Step::Bought);
        tally.ages_ms.push(250);
        Report { tally, room: RoomSeen::default(), stores: Vec::new() }
    }

    #[test]
    fn a_visit_in_which_something_broke_is_not_well() {
        assert!(report().is_well(), "{}", report().text());
        let mut old = report();
        old.tally.ages_ms.push(251);
        let mut unexpected = report();
        unexpected.tally.unexpected("500".to_owned());
        let mut stores = report();
        let broken = vec!["number 7 has two users".to_owned()];
        stores.stores.push(Finding { invariant: "I1".to_owned(), says: "so".to_owned(), checked: 1, broken });
        let mut seen = report();
        seen.tally.require("I5", false, || "seat 7 is sold twice".to_owned());
        let nobody = Report { tally: Tally::default(), room: RoomSeen::default(), stores: Vec::new() };
        for broken in [old, unexpected, stores, seen, nobody] {
            assert!(!broken.is_well(), "{}", broken.text());
            assert!(broken.text().contains("SOMETHING IS WRONG"));
        }
    }
}
