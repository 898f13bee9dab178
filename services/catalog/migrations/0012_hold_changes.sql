-- Why a hold does not change; null where it may. It was locked before the instant.
CREATE FUNCTION change_refusal(own hold, at timestamptz) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    IF own.id IS NULL THEN
        RETURN jsonb_build_object('outcome', 'no_hold');
    END IF;
    IF own.state = 2 THEN
        RETURN jsonb_build_object('outcome', 'hold_sold');
    END IF;
    IF NOT hold_is_live(own, at) THEN
        RETURN jsonb_build_object('outcome', 'hold_ended');
    END IF;
    RETURN NULL;
END $$;

-- Moves the end of a locked, live hold, where it moves at all; gives the versions that this makes.
CREATE FUNCTION move_end(own hold, new_state smallint, new_end timestamptz, at timestamptz, why smallint) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hold h SET state = new_state, ends_at = new_end WHERE h.id = own.id;
    IF new_end = own.ends_at THEN
        RETURN NULL;
    END IF;
    RETURN change_seats(own.schedule_id, own.seat_nos, 1::smallint, own.id, new_end, at, why);
END $$;

-- Moves the end to extension_ms from now, not past the cap and never back.
CREATE FUNCTION extend_hold(of_buyer text, of_key text, asked bytea, of_hold uuid, extension_ms bigint) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    own hold;
    t timestamptz;
    ends timestamptz;
BEGIN
    PERFORM bound_lock_waits();
    answer := kept_answer(of_buyer, of_key, asked);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    own := lock_hold(of_hold, of_buyer);
    t := clock_timestamp();
    answer := change_refusal(own, t);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF own.state = 1 THEN
        RETURN jsonb_build_object('outcome', 'payment_begun');
    END IF;
    ends := greatest(own.ends_at, least(t + extension_ms * interval '1 ms', own.latest_end_at));
    answer := move_end(own, 0::smallint, ends, t, 2::smallint);
    answer := done('hold', hold_told(own.id, t), own.schedule_id, answer);
    RETURN keep_answer(of_buyer, of_key, asked, answer, t);
END $$;

-- Payment begins: the end moves to payment_ms from now, once, whatever the cap, and never back.
CREATE FUNCTION check_out_hold(of_buyer text, of_key text, asked bytea, of_hold uuid, payment_ms bigint) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    own hold;
    t timestamptz;
BEGIN
    PERFORM bound_lock_waits();
    answer := kept_answer(of_buyer, of_key, asked);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    own := lock_hold(of_hold, of_buyer);
    t := clock_timestamp();
    answer := change_refusal(own, t);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF own.state = 0 THEN
        answer := move_end(
            own, 1::smallint, greatest(own.ends_at, t + payment_ms * interval '1 ms'), t, 3::smallint);
    END IF;
    answer := done('hold', hold_told(own.id, t), own.schedule_id, answer);
    RETURN keep_answer(of_buyer, of_key, asked, answer, t);
END $$;

-- Gives the seats back. A hold that has ended or was released has none to give.
CREATE FUNCTION release_hold(of_buyer text, of_key text, asked bytea, of_hold uuid) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    own hold;
    t timestamptz;
BEGIN
    PERFORM bound_lock_waits();
    answer := kept_answer(of_buyer, of_key, asked);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    own := lock_hold(of_hold, of_buyer);
    t := clock_timestamp();
    answer := change_refusal(own, t);
    IF answer ->> 'outcome' IN ('no_hold', 'hold_sold') THEN
        RETURN answer;
    END IF;
    IF answer IS NULL THEN
        UPDATE hold h SET state = 3 WHERE h.id = own.id;
        answer := change_seats(own.schedule_id, own.seat_nos, 0::smallint, NULL, NULL, t, 6::smallint);
    ELSE
        answer := NULL;
    END IF;
    answer := done('hold', hold_told(own.id, t), own.schedule_id, answer);
    RETURN keep_answer(of_buyer, of_key, asked, answer, t);
END $$;
