//! Safeguards taken out, one by one.

/// Time passes, now more and now less, between the check and the write of a hold.
pub(super) fn slow() -> String {
    "DO $do$
     DECLARE
         sql text := pg_get_functiondef('take_seats'::regproc);
         slow text := replace(sql, 'ends := t + hold_ms', 'PERFORM pg_sleep(0.1 * random()); ends := t + hold_ms');
     BEGIN
         ASSERT slow <> sql;
         EXECUTE slow;
     END $do$"
        .to_owned()
}

/// Seats are not locked.
pub(super) fn no_locks() -> String {
    lock_seats("NULL;")
}

/// Seats are locked one by one with time between them, each buyer's in an order of its own.
pub(super) fn no_order() -> String {
    one_by_one("random()")
}

/// The same in the order of their numbers.
pub(super) fn slow_locks() -> String {
    one_by_one("n")
}

fn one_by_one(order: &str) -> String {
    lock_seats(&format!(
        "DECLARE no integer;
         BEGIN
             FOR no IN SELECT n FROM unnest(nos) n ORDER BY {order} LOOP
                 PERFORM FROM seat_state s WHERE s.schedule_id = of_schedule AND s.seat_no = no FOR UPDATE;
                 PERFORM pg_sleep(0.002);
             END LOOP;
         END;"
    ))
}

/// The last line is gone.
pub(super) fn no_index() -> String {
    "DROP INDEX sale_seat_sold_once".to_owned()
}

fn lock_seats(body: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION lock_seats(of_schedule bigint, nos integer[]) RETURNS void
         LANGUAGE plpgsql AS $f$ BEGIN {body} END $f$"
    )
}
