-- How many seats of a schedule one user may have, held and sold together; null for no limit.
-- Channels of the house have none.
ALTER TABLE schedule
    ADD COLUMN seats_per_user integer DEFAULT 8 CHECK (seats_per_user >= 1);

-- Seats kept for one buyer until an instant.
--
-- State: 0 held, 1 paying (checked out), 2 sold, 3 released, 4 ended (its end has passed, and a
-- sweeper has noticed). A hold is live iff its state is 0 or 1 and ends_at is to come: what
-- decides is the instant, never whether somebody has noticed.
--
-- buyer is 'user:' or 'channel:' and the name. seat_nos is sorted; prices has each seat's price in
-- minor units as of the hold, in the same order.
--
-- No foreign keys: each new row would lock its schedule's row, and all buyers of a schedule
-- would meet there. The functions that write here have read the schedule.
CREATE TABLE hold (
    id            uuid        PRIMARY KEY,
    schedule_id   bigint      NOT NULL,
    held_at       timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    latest_end_at timestamptz NOT NULL,
    state         smallint    NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4),
    buyer         text        NOT NULL CHECK (buyer ~ '^(user|channel):.'),
    currency      text        NOT NULL,
    seat_nos      integer[]   NOT NULL CHECK (cardinality(seat_nos) >= 1),
    prices        bigint[]    NOT NULL CHECK (cardinality(prices) = cardinality(seat_nos)),
    CHECK (held_at <= ends_at)
) WITH (fillfactor = 80);

-- Serves the buyer's own list and the limit.
CREATE INDEX hold_by_buyer ON hold (buyer, schedule_id) WHERE state IN (0, 1);
-- Serves the sweeper.
CREATE INDEX hold_by_end ON hold (ends_at) WHERE state IN (0, 1);
-- Serves retention: rows lie in the order of time, so a summary of ranges is enough.
CREATE INDEX hold_by_time ON hold USING brin (held_at);
