/// A concert of the demo.
#[derive(Debug, Clone, Copy)]
pub struct DemoConcert {
    /// What it is called.
    pub name: &'static str,
    /// Who plays.
    pub performer: &'static str,
    /// Where.
    pub venue: &'static str,
}

/// Name, performer, venue.
const CONCERTS: [[&str; 3]; 24] = [
    ["Harbour Lights", "The Tidewater Quartet", "Pier Nine Arts Centre, Rotterdam"],
    ["Midnight Cartography", "Ines Valcourt", "Halle Saint-Roch, Lyon"],
    ["Brass for a Small Planet", "Orchestra Meridian", "Tonhalle am Kanal, Leipzig"],
    ["The Long Way Home Tour", "Juniper & Slate", "Carrow Street Theatre, Glasgow"],
    ["Winter Songs", "Kammerchor Nordlicht", "St Olav Hall, Bergen"],
    ["Paper Moons", "Haneul Seo", "Mapo Music Forum, Seoul"],
    ["Static Bloom", "Velvet Antenna", "The Foundry, Manchester"],
    ["Nine Rivers", "Amara Okafor Ensemble", "Lagoon House, Lagos"],
    ["Goldberg, Rewired", "Tomas Lindqvist", "Konsthuset, Gothenburg"],
    ["A Night of Fado", "Marisa do Cais", "Teatro da Ribeira, Porto"],
    ["Neon Monsoon", "Kite Parade", "Bandra Sound Stage, Mumbai"],
    ["The Clockmaker's Daughter", "Northbank Opera", "Northbank Opera House, Newcastle"],
    ["Desert Radio", "Los Faroles", "Auditorio del Puerto, Valencia"],
    ["Eight Strings", "Baker & Nakamura", "Kitayama Hall, Kyoto"],
    ["Homecoming", "Big Ada and the Levee", "Dockside Ballroom, Hamburg"],
    ["Glass and Wire", "Ensemble Parallax", "Espace Lumen, Brussels"],
    ["Summer of Seventy-Four", "The Corduroy Kings", "Riverside Garden, Vienna"],
    ["Unquiet Hours", "Lena Marsh", "The Old Exchange, Dublin"],
    ["Symphony of the Lakes", "Philharmonie Zugersee", "Seehalle, Lucerne"],
    ["Loud Flowers", "Riot Orchard", "Warehouse Twelve, Berlin"],
    ["Letters to Buenos Aires", "Quinteto Almagro", "Sala Cortazar, Madrid"],
    ["Northern Line", "Delphine Achebe", "Canal Works, London"],
    ["Songs the Snow Knows", "Aino Kettunen", "Talvi Hall, Tampere"],
    ["Everything at Once", "Hyperdrive Choir", "Arena del Sole, Milan"],
];

/// The concerts, in the order of their ids.
pub(super) fn all() -> Vec<DemoConcert> {
    CONCERTS.map(|[name, performer, venue]| DemoConcert { name, performer, venue }).to_vec()
}
