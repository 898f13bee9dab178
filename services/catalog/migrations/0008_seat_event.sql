-- Every change of every seat: audit trail, outbox and the stream that views learn from, in one.
--
-- A transaction that changes seats of a block makes one version of the block, and writes one event
-- of that version for each seat it changed, in the same transaction. So the versions of a block are
-- without gaps, and whoever has seen a block up to a version asks for those above it.
--
-- status, hold_id and held_until are the seat's after the change, as in seat_state. ended_hold_id
-- is the hold whose end made the change possible: a seat taken over from an ended hold is one event
-- that says both; of an event with cause 5 it is the hold that ended.
--
-- Cause: 1 held, 2 extended, 3 checked out, 4 sold, 5 ended, 6 released, 7 cancelled, 8 blocked, 9 unblocked.
CREATE TABLE seat_event (
    schedule_id   bigint      NOT NULL,
    version       bigint      NOT NULL,
    at            timestamptz NOT NULL,
    held_until    timestamptz,
    block         integer     NOT NULL,
    seat_no       integer     NOT NULL,
    hold_id       uuid,
    ended_hold_id uuid,
    status        smallint    NOT NULL,
    cause         smallint    NOT NULL CHECK (cause BETWEEN 1 AND 9),
    PRIMARY KEY (schedule_id, block, version, seat_no)
);

-- Serves retention.
CREATE INDEX seat_event_by_time ON seat_event USING brin (at);
