-- What a buyer has, as it stands.

CREATE FUNCTION get_hold(of_buyer text, of_hold uuid) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM hold h WHERE h.id = of_hold AND h.buyer = of_buyer) THEN
        RETURN jsonb_build_object('outcome', 'no_hold');
    END IF;
    RETURN done('hold', hold_told(of_hold, clock_timestamp()), NULL, NULL);
END $$;

-- The live holds, the soonest to end first, at most so many.
CREATE FUNCTION list_holds(of_buyer text, at_most integer) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz := clock_timestamp();
BEGIN
    RETURN done('holds', (
        SELECT coalesce(jsonb_agg(hold_told(mine.id, t) ORDER BY mine.ends_at, mine.id), '[]')
        FROM (
            SELECT h.id, h.ends_at
            FROM hold h
            WHERE h.buyer = of_buyer AND h.state IN (0, 1) AND h.ends_at > t
            ORDER BY h.ends_at, h.id
            LIMIT at_most) mine), NULL, NULL);
END $$;

CREATE FUNCTION get_sale(of_buyer text, of_sale uuid) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sale a WHERE a.id = of_sale AND a.buyer = of_buyer) THEN
        RETURN jsonb_build_object('outcome', 'no_sale');
    END IF;
    RETURN done('sale', sale_told(of_sale), NULL, NULL);
END $$;

-- The kept answer of a key and nothing else: for who may not hold anew just now. It waits for whoever asks with the
-- same key.
CREATE FUNCTION only_kept_answer(of_buyer text, of_key text, asked bytea) RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bound_lock_waits();
    RETURN coalesce(kept_answer(of_buyer, of_key, asked), jsonb_build_object('outcome', 'no_answer'));
END $$;
