-- What the house does with seats itself: keeps them back, and gives them free again. At any time, also before the sale.

-- Why these seats are no seats of the schedule; null where they are.
CREATE FUNCTION house_refusal(of_concert bigint, of_schedule bigint, nos integer[]) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM schedule s WHERE s.id = of_schedule AND s.concert_id = of_concert) THEN
        RETURN jsonb_build_object('outcome', 'no_schedule');
    END IF;
    RETURN unknown_seats(of_schedule, nos);
END $$;

-- Changes those of locked seats that are to be changed; tells how many those were.
CREATE FUNCTION change_house_seats(
    of_schedule bigint, nos integer[], new_status smallint, at timestamptz, why smallint
) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN done(
        'changed', to_jsonb(coalesce(cardinality(nos), 0)), of_schedule,
        CASE WHEN cardinality(nos) > 0 THEN
            change_seats(of_schedule, nos, new_status, NULL, NULL, at, why)
        END);
END $$;

-- Keeps free seats back, all of them or none. Those that are kept back stay so.
CREATE FUNCTION block_seats(of_concert bigint, of_schedule bigint, nos integer[]) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    t timestamptz;
    taken integer[];
    to_change integer[];
BEGIN
    PERFORM bound_lock_waits();
    answer := house_refusal(of_concert, of_schedule, nos);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM lock_seats(of_schedule, nos);
    t := clock_timestamp();
    SELECT array_agg(s.seat_no ORDER BY s.seat_no)
               FILTER (WHERE s.status <> 3 AND NOT seat_is_free(s.status, s.held_until, t)),
           array_agg(s.seat_no) FILTER (WHERE seat_is_free(s.status, s.held_until, t))
    INTO taken, to_change
    FROM seat_state s
    WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (nos);
    IF taken IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'seats_taken', 'seats', to_jsonb(taken));
    END IF;
    RETURN change_house_seats(of_schedule, to_change, 3::smallint, t, 8::smallint);
END $$;

-- Gives kept back seats free. Others stay as they are.
CREATE FUNCTION unblock_seats(of_concert bigint, of_schedule bigint, nos integer[]) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    t timestamptz;
    to_change integer[];
BEGIN
    PERFORM bound_lock_waits();
    answer := house_refusal(of_concert, of_schedule, nos);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM lock_seats(of_schedule, nos);
    t := clock_timestamp();
    SELECT array_agg(s.seat_no) INTO to_change
    FROM seat_state s
    WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (nos) AND s.status = 3;
    RETURN change_house_seats(of_schedule, to_change, 0::smallint, t, 9::smallint);
END $$;
