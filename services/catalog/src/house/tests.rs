use serde_json::{Value, json};
use time::macros::datetime;

use super::*;

const THEATRE: &str = include_str!("../../examples/theatre.json");
const GUIDE: &str = include_str!("../../../../docs/the-houses-data.md");

/// A small file in which everything fits.
fn small() -> Value {
    json!({
        "halls": [{
            "key": "club", "name": "Club",
            "sections": [
                {"name": "Floor", "tier": "A", "rows": [
                    {"rows": ["A", "B"], "seats": "1-2 | 3-4", "otherTiers": [{"tier": "B", "seats": "1"}]},
                    {"rows": ["C"], "seats": "4-1", "accessible": "1"}
                ]},
                {"name": "Bar", "firstRank": 3, "label": "Stool {number}", "rows": [
                    {"rows": ["Bar"], "seats": "1-3/2", "tier": "B"}
                ]}
            ]
        }],
        "concerts": [{
            "key": "opening", "name": "Opening", "performer": "The First", "venue": "Club",
            "schedules": [{
                "key": "friday", "hall": "club", "startsAt": "2027-03-05T20:00:00.123456789+01:00",
                "saleOpensAt": "2027-01-01T09:00:00Z", "currency": "EUR", "prices": {"A": 3000, "B": 2000}
            }]
        }]
    })
}

/// What a file is refused for, when at that place it says something else; "nothing" takes a field away.
fn refused_for(place: &str, value: Value) -> String {
    let mut file = small();
    let (parent, field) = place.rsplit_once('/').unwrap();
    let parent = file.pointer_mut(parent).unwrap();
    if value == "nothing" {
        parent.as_object_mut().unwrap().remove(field);
    } else if let Some(fields) = parent.as_object_mut() {
        fields.insert(field.to_owned(), value);
    } else if let Ok(index) = field.parse::<usize>() {
        parent[index] = value;
    } else {
        parent.as_array_mut().unwrap().push(value);
    }
    read(&file.to_string()).unwrap_err().to_string()
}

#[test]
fn seats_are_numbered_in_the_order_of_the_file() {
    let house = read(&small().to_string()).unwrap();
    let seats = &house.halls[0].seats;
    let labels: Vec<&str> = seats.iter().map(|seat| seat.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "Floor A1", "Floor A2", "Floor A3", "Floor A4", "Floor B1", "Floor B2", "Floor B3", "Floor B4",
            "Floor C4", "Floor C3", "Floor C2", "Floor C1", "Stool 1", "Stool 3"
        ]
    );
    let ranks: Vec<i16> = seats.iter().map(|seat| seat.rank).collect();
    assert_eq!(ranks, [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3]);
    let positions: Vec<i16> = seats.iter().map(|seat| seat.position).collect();
    assert_eq!(positions, [1, 2, 4, 5, 1, 2, 4, 5, 1, 2, 3, 4, 1, 2]);
    let tiers: String = seats.iter().map(|seat| seat.tier.as_str()).collect();
    assert_eq!(tiers, "BAAABAAAAAAABB");
    assert_eq!(seats.iter().position(|seat| seat.accessible), Some(11));

    let schedule = &house.concerts[0].schedules[0];
    assert_eq!(schedule.starts_at, datetime!(2027-03-05 19:00:00.123456 UTC));
    assert_eq!(schedule.sale_closes_at, schedule.starts_at);
    assert_eq!(schedule.seats_per_user, Some(8));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let schedule = "/concerts/0/schedules/0";
    let row = "/halls/0/sections/0/rows/0";
    let cases: Vec<(String, Value, &str)> = vec![
        ("/halls/0/key".into(), json!("Club"), "/halls/0/key: must be"),
        ("/halls/0/key".into(), json!(7), "/halls/0/key: invalid type"),
        ("/halls/0/colour".into(), json!("red"), "/halls/0/colour: unknown field"),
        ("/halls/0/name".into(), json!("nothing"), "/halls/0: missing field `name`"),
        ("/halls/0/name".into(), json!(""), "/halls/0/name: must be 1 to 200"),
        ("/halls/0/sections".into(), json!([]), "/halls/0/sections: a hall has at least one"),
        (
            "/halls/0/sections/1/name".into(),
            json!("Floor"),
            "/halls/0/sections/1/name: 'Floor' is there already",
        ),
        ("/halls/0/sections/1/firstRank".into(), json!(0), "/halls/0/sections/1/firstRank: must be between"),
        (
            "/halls/0/sections/1/label".into(),
            json!("Stool"),
            "/halls/0/sections: two seats have the label 'Stool'",
        ),
        (
            "/halls/0/sections/1/rows".into(),
            json!([]),
            "/halls/0/sections/1/rows: a section has at least one row",
        ),
        (
            "/halls/0/sections/1/rows/0/tier".into(),
            json!("nothing"),
            "/halls/0/sections/1/rows/0: has no tier",
        ),
        (format!("{row}/rows"), json!([]), "/halls/0/sections/0/rows/0/rows: names at least one"),
        (format!("{row}/rows/0"), json!("C"), "/halls/0/sections/0/rows/1/rows/0: there is a row 'C'"),
        (format!("{row}/seats"), json!("1-"), "/halls/0/sections/0/rows/0/seats: '' is not a number"),
        (format!("{row}/seats"), json!("1-4,2"), "/halls/0/sections/0/rows/0/seats: seat 2 is there twice"),
        (
            format!("{row}/accessible"),
            json!("7"),
            "/halls/0/sections/0/rows/0/accessible: the row has no seat 7",
        ),
        (format!("{row}/otherTiers/0/seats"), json!("9"), "otherTiers/0/seats: the row has no seat 9"),
        (
            format!("{row}/otherTiers/-"),
            json!({"tier": "C", "seats": "1"}),
            "otherTiers/1/seats: seat 1 has another",
        ),
        ("/concerts/0/performer".into(), json!("a\u{0}b"), "/concerts/0/performer: must be 1 to 200"),
        ("/concerts/-".into(), small()["concerts"][0].clone(), "/concerts/1/key: 'opening' is there already"),
        (format!("{schedule}/hall"), json!("opera"), "/schedules/0/hall: no hall 'opera' is in the file"),
        (format!("{schedule}/startsAt"), json!("tomorrow"), "/schedules/0/startsAt: "),
        (format!("{schedule}/saleOpensAt"), json!("2027-03-05T19:00:01Z"), "/saleOpensAt: must be before"),
        (format!("{schedule}/currency"), json!("eur"), "/currency: must be three capital letters"),
        (format!("{schedule}/prices/B"), json!("nothing"), "/prices: tier 'B' of the hall has no price"),
        (format!("{schedule}/prices/C"), json!(1), "/prices/C: the hall has no such tier"),
        (format!("{schedule}/prices/B"), json!(-1), "/prices/B: must be between 0"),
        (format!("{schedule}/prices/B"), json!(1.5), "/prices/B: invalid type"),
        (format!("{schedule}/seatsPerUser"), json!(0), "/seatsPerUser: must be between 1"),
    ];
    for (place, value, expected) in cases {
        let refused = refused_for(&place, value.clone());
        assert!(refused.contains(expected), "{place} {value}\n  {refused}\n  {expected}");
    }
}

#[test]
fn what_is_no_such_file_is_told_by_line_and_column() {
    let refused = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(refused("{\n  \"halls\": [}"), "line 2, column 13: /halls/0: expected value");
    assert!(refused("").starts_with("line 1, column 0: the file: EOF"), "{}", refused(""));
    assert!(refused("{} {}").starts_with("line 1, column 4: the file: trailing"), "{}", refused("{} {}"));
    assert_eq!(read("{}"), Ok(House { halls: vec![], concerts: vec![] }));
}

#[test]
fn all_that_is_wrong_is_told_at_once_but_not_without_end() {
    let mut file = small();
    file["halls"][0]["name"] = json!("");
    file["concerts"][0]["name"] = json!("");
    let refused = read(&file.to_string()).unwrap_err().to_string();
    assert!(refused.contains("/halls/0/name") && refused.contains("; /concerts/0/name"), "{refused}");

    file["concerts"] = json!(vec![file["concerts"][0].clone(); 50]);
    let refused = read(&file.to_string()).unwrap_err().to_string();
    assert!(refused.ends_with("and 80 more"), "{refused}");
}

#[test]
fn a_hall_is_not_larger_than_what_is_served() {
    let rows: Vec<String> = (0..101).map(|row| row.to_string()).collect();
    let refused = refused_for("/halls/0/sections/0/rows", json!([{"rows": rows, "seats": "1-1000"}]));
    assert!(refused.contains("/halls/0/sections/0: a hall has at most 100000 seats"), "{refused}");
}

#[test]
fn the_example_is_a_theatre_of_several_hundred_seats() {
    let house = read(THEATRE).unwrap();
    let hall = &house.halls[0];
    assert!((500..900).contains(&hall.seats.len()), "{}", hall.seats.len());
    assert!(hall.seats.iter().filter(|seat| seat.accessible).count() >= 6);
    let sections: std::collections::BTreeSet<_> = hall.seats.iter().map(|seat| &seat.section).collect();
    assert!(sections.len() >= 4, "{sections:?}");
    assert!(house.concerts.iter().flat_map(|concert| &concert.schedules).count() >= 4);
}

#[test]
fn the_smallest_file_of_the_guide_is_one() {
    let (_, file) = GUIDE.split_once("```json\n").unwrap();
    let (file, _) = file.split_once("```").unwrap();
    assert_eq!(read(file).unwrap().halls[0].seats.len(), 24);
}

#[test]
fn the_shipped_schema_is_that_of_the_reader() {
    let shipped = include_str!("../../schema/house.schema.json");
    let written = schema().unwrap();
    if shipped.trim() != written.trim() {
        if std::env::var_os("ONSALE_UPDATE_DOCUMENTS").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/house.schema.json");
            std::fs::write(path, written + "\n").unwrap();
        }
        panic!("schema/house.schema.json is not what the reader takes; ONSALE_UPDATE_DOCUMENTS=1 writes it");
    }
}
