use sqlx::FromRow;
use time::OffsetDateTime;

use super::{connect::PostgresStore, failure::Inconsistent, statement::Statement};
use crate::{
    domain::{Concert, ConcertId, ConcertKey},
    store::StoreError,
};

const LIST: &str = "
SELECT c.id, c.name, c.performer, c.venue, d.first_at, d.last_at
FROM concert c
CROSS JOIN LATERAL (
    SELECT min(s.starts_at) AS first_at, max(s.starts_at) AS last_at
    FROM schedule s WHERE s.concert_id = c.id) d
WHERE (c.name, c.id) > (coalesce($1, ''), coalesce($2, 0))
ORDER BY c.name, c.id
LIMIT $3";

const GET: &str = "
SELECT c.id, c.name, c.performer, c.venue, d.first_at, d.last_at
FROM concert c
CROSS JOIN LATERAL (
    SELECT min(s.starts_at) AS first_at, max(s.starts_at) AS last_at
    FROM schedule s WHERE s.concert_id = c.id) d
WHERE c.id = $1";

/// The first concerts behind one, by name, then id.
pub(super) async fn list(
    store: &PostgresStore,
    after: Option<ConcertKey>,
    limit: u32,
) -> Result<Vec<Concert>, StoreError> {
    let (name, id) = after.map(|key| (key.name, key.id.stored())).unzip();
    let query = sqlx::query_as::<_, ConcertRow>(LIST).bind(name).bind(id).bind(i64::from(limit));
    let found = store.select(Statement { name: "list concerts", table: "concert" }, query).await?;
    found.rows.into_iter().map(ConcertRow::into_concert).collect()
}

/// One concert.
pub(super) async fn get(store: &PostgresStore, id: ConcertId) -> Result<Option<Concert>, StoreError> {
    let query = sqlx::query_as::<_, ConcertRow>(GET).bind(id.stored());
    let found = store.select(Statement { name: "get concert", table: "concert" }, query).await?;
    found.rows.into_iter().next().map(ConcertRow::into_concert).transpose()
}

#[derive(FromRow)]
struct ConcertRow {
    id: i64,
    name: String,
    performer: String,
    venue: String,
    first_at: Option<OffsetDateTime>,
    last_at: Option<OffsetDateTime>,
}

impl ConcertRow {
    fn into_concert(self) -> Result<Concert, StoreError> {
        let problem = "id is not positive";
        let id = ConcertId::try_from(self.id).map_err(|_| Inconsistent {
            table: "concert",
            id: self.id,
            problem,
        })?;
        Ok(Concert {
            id,
            name: self.name,
            performer: self.performer,
            venue: self.venue,
            dates: self.first_at.zip(self.last_at),
        })
    }
}
