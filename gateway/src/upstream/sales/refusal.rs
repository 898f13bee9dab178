//! What the catalog's refusals mean: the one place where their reasons are told apart.

use std::collections::HashMap;

use onsale_proto::catalog::v1 as pb;
use tonic_types::ErrorInfo;

use crate::selling::Refusal;

/// Whose reasons these are.
const DOMAIN: &str = "catalog.onsale";

/// The refusal that the details of a status state; `None` where it is no refusal that is known here.
pub(in crate::upstream) fn refusal(info: &ErrorInfo) -> Option<Refusal> {
    if info.domain != DOMAIN {
        return None;
    }
    let facts = &info.metadata;
    match pb::Refusal::from_str_name(&info.reason)? {
        pb::Refusal::Unspecified => None,
        pb::Refusal::SeatsTaken => Some(Refusal::SeatsTaken { seats: seats(facts) }),
        pb::Refusal::NotEnoughSeats => Some(Refusal::NotEnoughSeats),
        pb::Refusal::LimitReached => {
            Some(Refusal::LimitReached { limit: number(facts, "limit"), have: number(facts, "have") })
        }
        pb::Refusal::SaleNotOpen => Some(Refusal::SaleNotOpen { opens_at_ms: number(facts, "opens_at_ms") }),
        pb::Refusal::SaleOver => Some(Refusal::SaleOver),
        pb::Refusal::HoldEnded => Some(Refusal::HoldEnded),
        pb::Refusal::PaymentBegun => Some(Refusal::PaymentBegun),
        pb::Refusal::HoldSold => Some(Refusal::HoldSold),
        pb::Refusal::AnotherOrder => Some(Refusal::AnotherOrder),
        pb::Refusal::KeyReused => Some(Refusal::KeyReused),
    }
}

fn number<N: std::str::FromStr>(facts: &HashMap<String, String>, name: &str) -> Option<N> {
    facts.get(name)?.parse().ok()
}

/// What cannot be read is left out: the refusal is true all the same.
fn seats(facts: &HashMap<String, String>) -> Vec<u32> {
    let list = facts.get("seats").map(String::as_str).unwrap_or_default();
    list.split(',').filter_map(|seat| seat.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(reason: &str, facts: &[(&str, &str)]) -> ErrorInfo {
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        ErrorInfo::new(reason, DOMAIN, facts.collect::<HashMap<_, _>>())
    }

    #[test]
    fn figures_are_read_and_their_lack_is_borne() {
        let taken = info("SEATS_TAKEN", &[("seats", "17,18")]);
        assert_eq!(refusal(&taken), Some(Refusal::SeatsTaken { seats: vec![17, 18] }));
        let limit = info("LIMIT_REACHED", &[("limit", "6"), ("have", "4")]);
        assert_eq!(refusal(&limit), Some(Refusal::LimitReached { limit: Some(6), have: Some(4) }));
        let silent = info("SALE_NOT_OPEN", &[]);
        assert_eq!(refusal(&silent), Some(Refusal::SaleNotOpen { opens_at_ms: None }));
    }

    #[test]
    fn every_refusal_of_the_contract_has_a_meaning() {
        let all: Vec<_> = (1..).map_while(|number| pb::Refusal::try_from(number).ok()).collect();
        assert_eq!(all.len(), 10);
        for reason in all {
            assert!(refusal(&info(reason.as_str_name(), &[])).is_some(), "{reason:?} means nothing");
        }
    }

    #[test]
    fn what_others_say_is_no_refusal() {
        assert_eq!(refusal(&info("NOT_A_REASON", &[])), None);
        assert_eq!(refusal(&ErrorInfo::new("SALE_OVER", "queue.onsale", HashMap::new())), None);
    }
}
