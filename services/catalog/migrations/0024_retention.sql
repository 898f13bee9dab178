-- What is kept only for a time: events, ended and released holds, kept answers. Each function forgets a bounded number of
-- rows, and tells how many; null when another copy is forgetting just now. The sessions of the service do without
-- bitmap scans, and these functions need them: rows lie in the order of time, and the BRIN indexes tell where.

CREATE FUNCTION forgetting_is_ours() RETURNS boolean
    LANGUAGE sql
    RETURN pg_try_advisory_xact_lock(28548142216504425);

CREATE FUNCTION forget_events(older_than interval, at_most integer) RETURNS integer
    LANGUAGE plpgsql
    SET enable_bitmapscan = on AS $$
DECLARE
    until timestamptz := clock_timestamp() - older_than;
    forgotten integer;
BEGIN
    IF NOT forgetting_is_ours() THEN
        RETURN NULL;
    END IF;
    DELETE FROM seat_event e
    WHERE e.ctid = ANY (ARRAY(SELECT o.ctid FROM seat_event o WHERE o.at < until LIMIT at_most));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

-- Holds that were sold stay with their sale, and those that nobody has noticed the end of wait for the sweeper.
CREATE FUNCTION forget_holds(older_than interval, at_most integer) RETURNS integer
    LANGUAGE plpgsql
    SET enable_bitmapscan = on AS $$
DECLARE
    until timestamptz := clock_timestamp() - older_than;
    forgotten integer;
BEGIN
    IF NOT forgetting_is_ours() THEN
        RETURN NULL;
    END IF;
    DELETE FROM hold h
    WHERE h.ctid = ANY (ARRAY(
        SELECT o.ctid FROM hold o WHERE o.held_at < until AND o.ends_at < until AND o.state IN (3, 4) LIMIT at_most));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

CREATE FUNCTION forget_answers(older_than interval, at_most integer) RETURNS integer
    LANGUAGE plpgsql
    SET enable_bitmapscan = on AS $$
DECLARE
    until timestamptz := clock_timestamp() - older_than;
    forgotten integer;
BEGIN
    IF NOT forgetting_is_ours() THEN
        RETURN NULL;
    END IF;
    DELETE FROM idempotency i
    WHERE i.ctid = ANY (ARRAY(SELECT o.ctid FROM idempotency o WHERE o.answered_at < until LIMIT at_most));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
