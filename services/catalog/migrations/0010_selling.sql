-- What the operations of selling are made of. Each operation is one function, hence one round trip and one transaction,
-- in which nothing else is awaited: a program that dies leaves nothing open.
--
-- READ COMMITTED, and VOLATILE functions: each statement in them sees what was committed when it began. So an operation
--   1. locks,
--   2. reads the clock, in a later statement: the instant T that everything is decided by. An instant read before a
--      wait, or now(), would honour a hold past its end;
--   3. checks, in statements later still,
--   4. writes.
--
-- The order of locks, everywhere:
--   (buyer, idempotency key) -> (schedule, buyer) -> own hold or sale -> seats by number -> blocks by number
-- The first two are advisory. Whoever takes over an ended hold's seat leaves that hold's row alone.
--
-- Every operation answers one jsonb object. "outcome" is done, or why not.

-- Instants as answers have them: microseconds after 1970.
CREATE FUNCTION unix_micros(at timestamptz) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (extract(epoch FROM at) * 1000000)::bigint;

-- How long an operation waits for each lock: the session's onsale.lock_timeout. Not the session's lock_timeout itself,
-- since what is only read waits for no seat.
CREATE FUNCTION bound_lock_waits() RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('lock_timeout', current_setting('onsale.lock_timeout', true), true);
END $$;

-- What was answered to this key, null for nothing yet; and until the end of the transaction nobody else can ask.
CREATE FUNCTION kept_answer(of_buyer text, of_key text, asked bytea) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    kept idempotency;
BEGIN
    IF of_key IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(of_buyer || ' ' || of_key, 1));
    SELECT * INTO kept
    FROM idempotency i
    WHERE i.buyer = of_buyer AND i.key = of_key AND i.answered_at > clock_timestamp() - interval '24 hours';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF kept.request <> asked THEN
        RETURN jsonb_build_object('outcome', 'key_reused');
    END IF;
    RETURN kept.answer;
END $$;

-- Keeps an answer under its key, where there is one and it was done; and gives it back.
CREATE FUNCTION keep_answer(of_buyer text, of_key text, asked bytea, given jsonb, at timestamptz) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    IF of_key IS NOT NULL AND given ->> 'outcome' = 'done' THEN
        INSERT INTO idempotency AS i (buyer, key, answered_at, request, answer)
        VALUES (of_buyer, of_key, at, asked, given)
        ON CONFLICT (buyer, key) DO UPDATE
        SET answered_at = excluded.answered_at, request = excluded.request, answer = excluded.answer;
    END IF;
    RETURN given;
END $$;

-- Has the operations of one user on one schedule take turns: what counts towards the limit does not grow beside a
-- count. Channels have no limit, and do not wait for each other.
CREATE FUNCTION lock_buyer(of_buyer text, of_schedule bigint) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF starts_with(of_buyer, 'user:') THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(of_buyer, of_schedule));
    END IF;
END $$;

-- Locks seats in the order of their numbers, in which there is no deadlock.
CREATE FUNCTION lock_seats(of_schedule bigint, nos integer[]) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM seat_state s
    WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (nos)
    ORDER BY s.seat_no
    FOR UPDATE;
END $$;

-- That the schedule has not all of these seats, naming those; null where it has.
CREATE FUNCTION unknown_seats(of_schedule bigint, nos integer[]) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('outcome', 'unknown_seats', 'seats', jsonb_agg(no ORDER BY no))
        FROM unnest(nos) AS no
        WHERE NOT EXISTS (SELECT FROM seat_state s WHERE s.schedule_id = of_schedule AND s.seat_no = no)
        HAVING count(*) > 0);
END $$;

-- A buyer's hold, locked, with its seats where it may still be live; all null where the buyer has none of that id.
CREATE FUNCTION lock_hold(of_hold uuid, of_buyer text) RETURNS hold
    LANGUAGE plpgsql AS $$
DECLARE
    own hold;
BEGIN
    SELECT * INTO own FROM hold h WHERE h.id = of_hold AND h.buyer = of_buyer;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM lock_buyer(of_buyer, own.schedule_id);
    SELECT * INTO own FROM hold h WHERE h.id = of_hold FOR UPDATE;
    IF own.state IN (0, 1) THEN
        PERFORM lock_seats(own.schedule_id, own.seat_nos);
    END IF;
    RETURN own;
END $$;

-- Whether a locked hold is live at an instant, and all of its seats are its own.
CREATE FUNCTION hold_is_live(own hold, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN own.state IN (0, 1) AND own.ends_at > at AND cardinality(own.seat_nos) = (
        SELECT count(*)
        FROM seat_state s
        WHERE s.schedule_id = own.schedule_id AND s.seat_no = ANY (own.seat_nos)
          AND s.status = 1 AND s.hold_id = own.id);
END $$;

-- Changes locked seats, with their blocks' versions and an event each; gives the versions as [[block, version], ...].
-- The seats' holds that have ended by then are named in the events.
CREATE FUNCTION change_seats(
    of_schedule bigint, nos integer[], new_status smallint, new_hold uuid, new_end timestamptz,
    at timestamptz, why smallint
) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    part record;
    made bigint;
    blocks jsonb := '[]';
BEGIN
    FOR part IN
        SELECT (s.seat_no - 1) / 512 AS block, array_agg(s.seat_no) AS nos,
               (count(*) FILTER (WHERE new_status = 0) - count(*) FILTER (WHERE s.status = 0))::integer AS freed
        FROM seat_state s
        WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (nos)
        GROUP BY 1
        ORDER BY 1
    LOOP
        UPDATE block_version b
        SET version = b.version + 1, free_seats = b.free_seats + part.freed, first_end = least(b.first_end, new_end)
        WHERE b.schedule_id = of_schedule AND b.block = part.block
        RETURNING b.version INTO STRICT made;

        INSERT INTO seat_event
            (schedule_id, version, at, held_until, block, seat_no, hold_id, ended_hold_id, status, cause)
        SELECT of_schedule, made, at, new_end, part.block, s.seat_no, new_hold,
               CASE WHEN s.held_until <= at THEN s.hold_id END, new_status, why
        FROM seat_state s
        WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (part.nos);

        UPDATE seat_state s
        SET status = new_status, hold_id = new_hold, held_until = new_end
        WHERE s.schedule_id = of_schedule AND s.seat_no = ANY (part.nos);

        blocks := blocks || jsonb_build_array(jsonb_build_array(part.block, made));
    END LOOP;
    RETURN blocks;
END $$;

-- Seats as answers have them, by number.
CREATE FUNCTION seats_told(of_schedule bigint, nos integer[], prices bigint[]) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(
                   jsonb_build_object(
                       'no', n.no, 'price', n.price, 'section', p.section, 'row', p.row_label, 'label', p.label,
                       'tier', p.tier)
                   ORDER BY n.no)
        FROM schedule s
        CROSS JOIN unnest(nos, prices) AS n (no, price)
        JOIN layout_seat p ON p.layout_id = s.layout_id AND p.seat_no = n.no
        WHERE s.id = of_schedule);
END $$;

-- A hold as answers have it. Whether it has ended is decided by the instant.
CREATE FUNCTION hold_told(of_hold uuid, at timestamptz) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
                   'id', h.id, 'concert', s.concert_id, 'schedule', h.schedule_id,
                   'state', CASE WHEN h.state IN (0, 1) AND h.ends_at <= at THEN 4 ELSE h.state END,
                   'seats', seats_told(h.schedule_id, h.seat_nos, h.prices), 'currency', h.currency,
                   'held_at', unix_micros(h.held_at), 'ends_at', unix_micros(h.ends_at),
                   'latest_end_at', unix_micros(h.latest_end_at), 'now', unix_micros(at),
                   'sale', CASE WHEN h.state = 2 THEN (SELECT a.id FROM sale a WHERE a.hold_id = h.id) END)
        FROM hold h
        JOIN schedule s ON s.id = h.schedule_id
        WHERE h.id = of_hold);
END $$;

-- A sale as answers have it.
CREATE FUNCTION sale_told(of_sale uuid) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
                   'id', a.id, 'hold', a.hold_id, 'concert', s.concert_id, 'schedule', a.schedule_id,
                   'order_ref', a.order_ref, 'seats', seats_told(a.schedule_id, a.seat_nos, a.prices),
                   'currency', a.currency, 'sold_at', unix_micros(a.sold_at),
                   'cancelled_at', unix_micros(a.cancelled_at))
        FROM sale a
        JOIN schedule s ON s.id = a.schedule_id
        WHERE a.id = of_sale);
END $$;

-- What was done, and which versions that made; no blocks where nothing was.
CREATE FUNCTION done(what text, told jsonb, of_schedule bigint, blocks jsonb) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN jsonb_build_object(
        'outcome', 'done', what, told, 'written',
        CASE WHEN blocks IS NOT NULL THEN
            jsonb_build_object(
                'schedule', of_schedule, 'epoch', unix_micros(pg_postmaster_start_time()), 'blocks', blocks)
        END);
END $$;
