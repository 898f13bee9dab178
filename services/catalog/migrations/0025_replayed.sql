-- A kept answer says that it is one: an operation that was done and one that was asked for again are counted apart.
CREATE OR REPLACE FUNCTION kept_answer(of_buyer text, of_key text, asked bytea) RETURNS jsonb
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
    RETURN kept.answer || '{"replayed": true}';
END $$;
