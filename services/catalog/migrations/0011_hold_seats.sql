-- Why these seats cannot be held for that buyer at an instant; null where they can.
CREATE FUNCTION hold_refusal(
    of_buyer text, of_concert bigint, of_schedule bigint, nos integer[], at timestamptz
) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    show schedule;
    known bigint;
    taken integer[];
    have bigint;
BEGIN
    SELECT * INTO show FROM schedule s WHERE s.id = of_schedule AND s.concert_id = of_concert;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_schedule');
    END IF;
    IF least(show.sale_closes_at, show.starts_at) <= at THEN
        RETURN jsonb_build_object('outcome', 'sale_over');
    END IF;
    IF show.sale_opens_at > at THEN
        RETURN jsonb_build_object('outcome', 'sale_not_open', 'opens_at', unix_micros(show.sale_opens_at));
    END IF;

    SELECT count(*),
           array_agg(s.seat_no ORDER BY s.seat_no) FILTER (WHERE NOT seat_is_free(s.status, s.held_until, at))
    INTO known, taken
    FROM seat_state s
    WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (nos);
    IF known < cardinality(nos) THEN
        RETURN unknown_seats(of_schedule, nos);
    END IF;
    IF taken IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'seats_taken', 'seats', to_jsonb(taken));
    END IF;

    IF starts_with(of_buyer, 'user:') AND show.seats_per_user IS NOT NULL THEN
        -- One statement: a hold that is being confirmed is counted once.
        SELECT coalesce(sum(cardinality(mine.seat_nos)), 0)
        INTO have
        FROM (
            SELECT h.seat_nos FROM hold h
            WHERE h.buyer = of_buyer AND h.schedule_id = of_schedule AND h.state IN (0, 1) AND h.ends_at > at
            UNION ALL
            SELECT a.seat_nos FROM sale a
            WHERE a.buyer = of_buyer AND a.schedule_id = of_schedule AND a.cancelled_at IS NULL) mine;
        IF have + cardinality(nos) > show.seats_per_user THEN
            RETURN jsonb_build_object('outcome', 'limit_reached', 'limit', show.seats_per_user, 'have', have);
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- Holds seats that are locked, their buyer's turn included, or says why not.
CREATE FUNCTION take_seats(
    of_buyer text, new_hold uuid, of_concert bigint, of_schedule bigint, nos integer[], hold_ms bigint, cap_ms bigint
) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz;
    refusal jsonb;
    ends timestamptz;
    costs bigint[];
    blocks jsonb;
BEGIN
    t := clock_timestamp();
    refusal := hold_refusal(of_buyer, of_concert, of_schedule, nos, t);
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;

    ends := t + hold_ms * interval '1 ms';
    INSERT INTO hold AS h
        (id, schedule_id, held_at, ends_at, latest_end_at, buyer, currency, seat_nos, prices)
    SELECT new_hold, s.id, t, ends, greatest(ends, t + cap_ms * interval '1 ms'), of_buyer, s.currency,
           array_agg(p.seat_no ORDER BY p.seat_no), array_agg(c.price ORDER BY p.seat_no)
    FROM schedule s
    JOIN layout_seat p ON p.layout_id = s.layout_id AND p.seat_no = ANY (nos)
    LEFT JOIN schedule_tier c ON c.schedule_id = s.id AND c.tier = p.tier
    WHERE s.id = of_schedule
    GROUP BY s.id
    RETURNING h.prices INTO STRICT costs;
    IF array_position(costs, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a tier of schedule % has no price', of_schedule USING ERRCODE = 'data_corrupted';
    END IF;

    blocks := change_seats(of_schedule, nos, 1::smallint, new_hold, ends, t, 1::smallint);
    RETURN done('hold', hold_told(new_hold, t), of_schedule, blocks);
END $$;

-- Holds seats for a buyer, all of them or none, for hold_ms; extensions end at cap_ms. Who waits does so for seats that
-- somebody else has locked; to others they are taken.
CREATE FUNCTION hold_seats(
    of_buyer text, of_key text, asked bytea, new_hold uuid, of_concert bigint, of_schedule bigint, nos integer[],
    hold_ms bigint, cap_ms bigint, waits boolean
) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    locked integer[];
BEGIN
    PERFORM bound_lock_waits();
    answer := kept_answer(of_buyer, of_key, asked);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    -- Most who lose a hot seat are told here: without a lock, hence without waiting for the winner, and without a
    -- commit that waits for the disk. It is true of this instant, and that is all that a refusal says.
    answer := hold_refusal(of_buyer, of_concert, of_schedule, nos, clock_timestamp());
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM lock_buyer(of_buyer, of_schedule);
    IF waits THEN
        PERFORM lock_seats(of_schedule, nos);
    ELSE
        locked := ARRAY(
            SELECT s.seat_no FROM seat_state s
            WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (nos)
            ORDER BY s.seat_no
            FOR UPDATE SKIP LOCKED);
        IF cardinality(locked) < cardinality(nos) THEN
            RETURN jsonb_build_object('outcome', 'seats_taken', 'seats', (
                SELECT jsonb_agg(no ORDER BY no) FROM unnest(nos) AS no WHERE no <> ALL (locked)));
        END IF;
    END IF;
    answer := take_seats(of_buyer, new_hold, of_concert, of_schedule, nos, hold_ms, cap_ms);
    RETURN keep_answer(of_buyer, of_key, asked, answer, clock_timestamp());
END $$;
