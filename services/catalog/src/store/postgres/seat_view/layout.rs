use sqlx::FromRow;

use crate::{
    domain::{Layout, LayoutId, LayoutSeat},
    store::{
        StoreError,
        postgres::{PostgresStore, failure::Inconsistent, statement::Statement},
    },
};

/// The places of a hall by number: one row, one array a field. Parameter: the layout.
const LAYOUT: &str = "
SELECT l.name, l.seat_count, p.*
FROM layout l
CROSS JOIN LATERAL (
    SELECT array_agg(p.section) AS section, array_agg(p.row_label) AS row_label,
           array_agg(p.position) AS position, array_agg(p.label) AS label, array_agg(p.tier) AS tier,
           array_agg(p.accessible) AS accessible
    FROM (SELECT * FROM layout_seat WHERE layout_id = l.id ORDER BY seat_no OFFSET 0) p) p
WHERE l.id = $1";

/// The places of a hall.
pub(super) async fn read(store: &PostgresStore, layout: LayoutId) -> Result<Option<Layout>, StoreError> {
    let sql = sqlx::query_as::<_, LayoutRow>(LAYOUT).bind(layout.stored());
    let found = store.select(Statement { name: "read layout", table: "layout_seat" }, sql).await?;
    found.rows.into_iter().next().map(|row| row.into_layout(layout)).transpose()
}

#[derive(FromRow)]
struct LayoutRow {
    name: String,
    seat_count: i32,
    section: Option<Vec<String>>,
    row_label: Option<Vec<String>>,
    position: Option<Vec<i16>>,
    label: Option<Vec<String>>,
    tier: Option<Vec<String>>,
    accessible: Option<Vec<bool>>,
}

impl LayoutRow {
    fn into_layout(self, id: LayoutId) -> Result<Layout, StoreError> {
        let place = column(self.section).zip(column(self.row_label)).zip(column(self.position));
        let print = column(self.label).zip(column(self.tier)).zip(column(self.accessible));
        let seats: Vec<_> = place
            .zip(print)
            .map(|(((section, row), position), ((label, tier), accessible))| LayoutSeat {
                section,
                row,
                position: u32::from(position.unsigned_abs()),
                label,
                tier,
                accessible,
            })
            .collect();
        if i64::try_from(seats.len()) != Ok(i64::from(self.seat_count)) {
            let problem = "its seats are not as many as it says";
            return Err(Inconsistent { table: "layout", id: id.stored(), problem }.into());
        }
        Ok(Layout { id, name: self.name, seats })
    }
}

fn column<T>(values: Option<Vec<T>>) -> impl Iterator<Item = T> {
    values.into_iter().flatten()
}
