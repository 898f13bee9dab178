//! Seats are sold twice, and every answer is fine: the stores are asked, and say so.

use onsale_stack::Postgres;

use crate::{
    run::{Run, failures},
    world::World,
};

/// The last line of the catalog, taken away: then everything that is sold is sold to somebody else as well.
const SELL_TWICE: &str = "
DROP INDEX sale_seat_sold_once;
CREATE FUNCTION sell_twice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    again sale;
BEGIN
    IF pg_trigger_depth() = 1 THEN
        SELECT * INTO STRICT again FROM sale WHERE id = NEW.sale_id;
        again.id := gen_random_uuid();
        again.hold_id := gen_random_uuid();
        again.buyer := 'somebody else';
        again.seat_nos := ARRAY[NEW.seat_no];
        again.prices := again.prices[1:1];
        INSERT INTO sale SELECT again.*;
        INSERT INTO sale_seat (sale_id, schedule_id, seat_no) VALUES (again.id, NEW.schedule_id, NEW.seat_no);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sell_twice AFTER INSERT ON sale_seat FOR EACH ROW EXECUTE FUNCTION sell_twice();";

fn sql(postgres: &Postgres, statement: &str) -> String {
    let mut psql = postgres.client("psql");
    psql.args(["-Xqtv", "ON_ERROR_STOP=1", "--command", statement, &postgres.url("onsale")]);
    let output = psql.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_that_are_sold_twice_fail_a_run_whose_answers_are_fine() {
    let world = World::start().await;
    sql(&world.stack.postgres, SELL_TWICE);
    let ended = Run::of("smoke").with(&["--folder", &world.folder()]).end().await;
    let sold = sql(&world.stack.postgres, "SELECT count(*) FROM sale WHERE buyer = 'somebody else'");
    assert_ne!(sold, "0");
    ended.fails_by("I5");
    let verdict = ended.verdict();
    let elsewhere: Vec<_> =
        failures(&verdict).into_iter().filter(|check| !check.name.ends_with("in the stores")).collect();
    assert!(elsewhere.is_empty() || !ended.was_alone(), "the answers were not fine: {elsewhere:#?}");
}
