-- What nobody has to do for the seats to be right: a hold ends by its instant, whether or not somebody notices. The sweeper
-- notices, for the audit trail and to keep reads cheap, which otherwise count the seats of each block where a hold has ended.

-- Sets when the first hold of each of these blocks ends, exactly. The blocks are locked in an earlier statement: whoever
-- has changed seats of them since waits there, and then takes its own ends into account.
CREATE FUNCTION settle_first_ends(of_schedule bigint, of_blocks integer[]) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    UPDATE block_version b
    SET first_end = (
        SELECT min(s.held_until)
        FROM seat_state s
        WHERE s.schedule_id = b.schedule_id
          AND s.seat_no BETWEEN b.block * 512 + 1 AND (b.block + 1) * 512
          AND s.status = 1)
    WHERE b.schedule_id = of_schedule AND b.block = ANY (of_blocks);
END $$;

-- Notes that holds have ended, at most so many and of one schedule, those that ended first; sets their seats free that
-- nobody has taken over, and tells how many holds it were. 0 when there are none that nobody else is busy with.
--
-- The order of locks is everybody's: holds, seats, blocks. It waits for no hold, so that it may have several.
CREATE FUNCTION end_holds(at_most integer) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz := clock_timestamp();
    of_schedule bigint;
    ids uuid[];
    nos integer[];
BEGIN
    PERFORM bound_lock_waits();
    SELECT h.schedule_id INTO of_schedule
    FROM hold h
    WHERE h.state IN (0, 1) AND h.ends_at <= t
    ORDER BY h.ends_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    ids := ARRAY(
        SELECT h.id FROM hold h
        WHERE h.schedule_id = of_schedule AND h.state IN (0, 1) AND h.ends_at <= t
        ORDER BY h.ends_at
        LIMIT at_most
        FOR UPDATE SKIP LOCKED);
    nos := ARRAY(SELECT unnest(h.seat_nos) FROM hold h WHERE h.id = ANY (ids));
    PERFORM lock_seats(of_schedule, nos);

    t := clock_timestamp();
    UPDATE hold h SET state = 4 WHERE h.id = ANY (ids);
    nos := ARRAY(
        SELECT s.seat_no FROM seat_state s
        WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (nos) AND s.status = 1 AND s.hold_id = ANY (ids));
    IF cardinality(nos) > 0 THEN
        PERFORM change_seats(of_schedule, nos, 0::smallint, NULL, NULL, t, 5::smallint);
        PERFORM settle_first_ends(of_schedule, ARRAY(SELECT DISTINCT (no - 1) / 512 FROM unnest(nos) AS no));
    END IF;
    RETURN cardinality(ids);
END $$;

-- Sets when the first hold ends of blocks where that is past though no held seat's hold has ended: it was taken over,
-- released or sold. Tells how many blocks those were.
CREATE FUNCTION settle_past_ends(at_most integer) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz := clock_timestamp();
    past record;
    settled integer := 0;
BEGIN
    FOR past IN
        SELECT b.schedule_id, b.block
        FROM block_version b
        WHERE b.first_end <= t
          AND NOT EXISTS (
              SELECT FROM seat_state s
              WHERE s.schedule_id = b.schedule_id
                AND s.seat_no BETWEEN b.block * 512 + 1 AND (b.block + 1) * 512
                AND s.status = 1 AND s.held_until <= t)
        LIMIT at_most
        FOR UPDATE OF b SKIP LOCKED
    LOOP
        PERFORM settle_first_ends(past.schedule_id, ARRAY[past.block]);
        settled := settled + 1;
    END LOOP;
    RETURN settled;
END $$;
