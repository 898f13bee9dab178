-- How each seat of each schedule stands. One row a seat, made with the schedule.
-- Status: 0 free, 1 held, 2 sold, 3 blocked (kept back by the house).
--
-- fillfactor 70 and no index beside the key: a change of state stays on its page and touches
-- no index. The CHECK is the life cycle: a held seat has its hold and that hold's end, a sold
-- one the hold that it was sold through, the others neither.
CREATE TABLE seat_state (
    schedule_id bigint      NOT NULL REFERENCES schedule (id),
    hold_id     uuid,
    held_until  timestamptz,
    seat_no     integer     NOT NULL CHECK (seat_no >= 1),
    status      smallint    NOT NULL DEFAULT 0,
    PRIMARY KEY (schedule_id, seat_no),
    CONSTRAINT seat_state_life_cycle CHECK (
        CASE status
            WHEN 0 THEN hold_id IS NULL AND held_until IS NULL
            WHEN 1 THEN hold_id IS NOT NULL AND held_until IS NOT NULL
            WHEN 2 THEN hold_id IS NOT NULL AND held_until IS NULL
            WHEN 3 THEN hold_id IS NULL AND held_until IS NULL
            ELSE false
        END
    )
) WITH (fillfactor = 70);

-- The one predicate: whether a seat is free at an instant. A hold that has ended leaves its
-- seat free without anything being written. Every statement that reads or takes seats asks this
-- function (it is inlined), so no two of them can disagree.
CREATE FUNCTION seat_is_free(status smallint, held_until timestamptz, at timestamptz)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN status = 0 OR (status = 1 AND held_until <= at);

-- 512 seats a block: block n has the seats n * 512 + 1 to (n + 1) * 512. One version row a
-- schedule would make all its writers take turns; one a block does not.
--
-- Whoever changes seats of a block updates its row in the same transaction, after the seats
-- and in the order of the blocks:
--   version     one more for each change;
--   free_seats  how many of the block's seats have status 0;
--   first_end   no later than the held_until of any held seat of the block, and absent only
--               when none is held. It may be too early: then the block's seats are read.
CREATE TABLE block_version (
    schedule_id bigint      NOT NULL REFERENCES schedule (id),
    version     bigint      NOT NULL DEFAULT 1 CHECK (version >= 1),
    first_end   timestamptz,
    block       integer     NOT NULL CHECK (block >= 0),
    free_seats  integer     NOT NULL CHECK (free_seats BETWEEN 0 AND 512),
    PRIMARY KEY (schedule_id, block)
) WITH (fillfactor = 50);

-- A schedule's seats in figures, at an instant: the sum of its block versions and how many
-- seats are free. Seats are read only in blocks where a hold may have ended, so the cost is
-- that of the blocks. Between two writes only the ends of holds change what is free, and they
-- only add to it: equal (versions, free) of one schedule mean equal states.
CREATE FUNCTION schedule_figures(of_schedule bigint, at timestamptz)
    RETURNS TABLE (versions bigint, free bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT coalesce(sum(b.version), 0)::bigint,
               coalesce(sum(
                   CASE WHEN b.first_end <= at THEN (
                       SELECT count(*)
                       FROM seat_state s
                       WHERE s.schedule_id = b.schedule_id
                         AND s.seat_no BETWEEN b.block * 512 + 1 AND (b.block + 1) * 512
                         AND seat_is_free(s.status, s.held_until, at))
                   ELSE b.free_seats END), 0)::bigint
        FROM block_version b
        WHERE b.schedule_id = of_schedule;
    END;
