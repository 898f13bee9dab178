-- Holding seats that the service has picked. It picks from states that may be old by the time it asks for them, and so may
-- many others at once: whoever comes second is told at once that they are taken, waits for nobody, and picks again.
-- Who has lost several times picks in its turn, after the locks of the key and the buyer and before those of the seats.

-- How the seats of a schedule stand, by number, one character each: 0 free, 1 not. With the hall that they are in.
CREATE FUNCTION seats_standing(of_concert bigint, of_schedule bigint) RETURNS TABLE (layout_id bigint, states text)
    LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    SELECT s.layout_id, (
        SELECT string_agg(CASE WHEN seat_is_free(x.status, x.held_until, t) THEN '0' ELSE '1' END, '')
        FROM (SELECT * FROM seat_state WHERE schedule_id = s.id ORDER BY seat_no OFFSET 0) x)
    FROM schedule s
    WHERE s.id = of_schedule AND s.concert_id = of_concert;
END $$;

-- Waits until nobody else picks in its turn, in a section or, where that is null, in the hall; for the rest of the
-- transaction nobody will. Gives what the key was answered, or why the buyer cannot hold any seat; null where it can.
CREATE FUNCTION take_turn_to_pick(
    of_buyer text, of_key text, asked bytea, of_concert bigint, of_schedule bigint, in_section text
) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
BEGIN
    PERFORM bound_lock_waits();
    answer := kept_answer(of_buyer, of_key, asked);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM lock_buyer(of_buyer, of_schedule);
    PERFORM pg_advisory_xact_lock(hashtextextended('turn:' || coalesce(in_section, ''), of_schedule));
    RETURN hold_refusal(of_buyer, of_concert, of_schedule, '{}', clock_timestamp());
END $$;
