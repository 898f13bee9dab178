/// A hall of the demo: one layout.
#[derive(Debug, Clone)]
pub struct DemoHall {
    /// What it is called.
    pub name: &'static str,
    /// Its price tiers, the dearest first.
    pub tiers: Vec<&'static str>,
    /// Its sections, in the order of their seats.
    pub sections: Vec<&'static str>,
    /// Its seats by number, from 1.
    pub seats: Vec<DemoSeat>,
}

/// A place in a hall of the demo.
#[derive(Debug, Clone)]
pub struct DemoSeat {
    /// The part of the hall.
    pub section: &'static str,
    /// The row's letter.
    pub row: char,
    /// The row's place in the section, from 1 at the front.
    pub rank: u8,
    /// The place in the row; aisles leave gaps.
    pub position: i16,
    /// What is printed on the ticket.
    pub label: String,
    /// The price tier.
    pub tier: &'static str,
    /// Whether a wheelchair can be placed.
    pub accessible: bool,
}

/// Sections that are alike: rows of as many seats each, with an aisle after every `aisle` seats.
struct Block {
    names: &'static [&'static str],
    rows: u8,
    seats: u8,
    aisle: u8,
    /// The tier of the first rows, how many those are, and the tier of the others.
    tiers: (&'static str, u8, &'static str),
}

const CLUB: [Block; 1] = [Block { names: &["Floor"], rows: 5, seats: 10, aisle: 5, tiers: ("A", 2, "B") }];

const THEATRE: [Block; 3] = [
    Block { names: &["Stalls"], rows: 20, seats: 30, aisle: 10, tiers: ("A", 8, "B") },
    Block { names: &["Circle"], rows: 10, seats: 30, aisle: 10, tiers: ("B", 4, "C") },
    Block { names: &["Balcony"], rows: 5, seats: 20, aisle: 10, tiers: ("C", 5, "C") },
];

const ARENA: [Block; 3] = [
    Block {
        names: &["Floor A", "Floor B", "Floor C", "Floor D"],
        rows: 25,
        seats: 30,
        aisle: 15,
        tiers: ("VIP", 5, "A"),
    },
    Block {
        names: &[
            "101", "102", "103", "104", "105", "106", "107", "108", "109", "110", "111", "112", "113", "114",
            "115", "116",
        ],
        rows: 20,
        seats: 20,
        aisle: 20,
        tiers: ("A", 6, "B"),
    },
    Block {
        names: &[
            "201", "202", "203", "204", "205", "206", "207", "208", "209", "210", "211", "212", "213", "214",
            "215", "216",
        ],
        rows: 14,
        seats: 25,
        aisle: 25,
        tiers: ("C", 7, "D"),
    },
];

/// The halls, in the order of their layouts' ids: 50, 1,000 and 15,000 seats.
pub(super) fn all() -> Vec<DemoHall> {
    vec![
        hall("Club", &["A", "B"], &CLUB),
        hall("Theatre", &["A", "B", "C"], &THEATRE),
        hall("Arena", &["VIP", "A", "B", "C", "D"], &ARENA),
    ]
}

fn hall(name: &'static str, tiers: &[&'static str], blocks: &[Block]) -> DemoHall {
    let sections = blocks.iter().flat_map(|block| block.names.iter().map(move |name| (*name, block)));
    DemoHall {
        name,
        tiers: tiers.to_vec(),
        sections: sections.clone().map(|(section, _)| section).collect(),
        seats: sections.flat_map(|(section, block)| seats(section, block)).collect(),
    }
}

fn seats(section: &'static str, block: &Block) -> impl Iterator<Item = DemoSeat> {
    (1..=block.rows)
        .flat_map(move |rank| (1..=block.seats).map(move |number| seat(section, block, rank, number)))
}

fn seat(section: &'static str, block: &Block, rank: u8, number: u8) -> DemoSeat {
    let row = char::from(b'A' + (rank - 1));
    let (front, front_rows, back) = block.tiers;
    DemoSeat {
        section,
        row,
        rank,
        position: i16::from(number) + i16::from((number - 1) / block.aisle),
        label: format!("{section} {row}{number}"),
        tier: if rank <= front_rows { front } else { back },
        accessible: rank == block.rows && number <= 2,
    }
}
