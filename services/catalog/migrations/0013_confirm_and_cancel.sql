-- Sells all the seats of a hold that is live once they are locked. Under the same order_ref it is the same sale again.
CREATE FUNCTION confirm_hold(
    of_buyer text, of_key text, asked bytea, of_hold uuid, new_sale uuid, for_order text
) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    own hold;
    sold sale;
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
    IF answer ->> 'outcome' = 'hold_sold' THEN
        SELECT * INTO STRICT sold FROM sale a WHERE a.hold_id = own.id;
        IF sold.order_ref <> for_order THEN
            RETURN jsonb_build_object('outcome', 'another_order');
        END IF;
        answer := done('sale', sale_told(sold.id), own.schedule_id, NULL);
        RETURN keep_answer(of_buyer, of_key, asked, answer, t);
    END IF;
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;

    UPDATE hold h SET state = 2 WHERE h.id = own.id;
    INSERT INTO sale (id, hold_id, schedule_id, sold_at, buyer, order_ref, currency, seat_nos, prices)
    VALUES (new_sale, own.id, own.schedule_id, t, own.buyer, for_order, own.currency, own.seat_nos, own.prices);
    INSERT INTO sale_seat (sale_id, schedule_id, seat_no)
    SELECT new_sale, own.schedule_id, no FROM unnest(own.seat_nos) AS no;
    answer := change_seats(own.schedule_id, own.seat_nos, 2::smallint, own.id, NULL, t, 4::smallint);
    answer := done('sale', sale_told(new_sale), own.schedule_id, answer);
    RETURN keep_answer(of_buyer, of_key, asked, answer, t);
END $$;

-- Takes a sale back: its seats are free again.
CREATE FUNCTION cancel_sale(of_buyer text, of_sale uuid) RETURNS jsonb
    LANGUAGE plpgsql AS $$
DECLARE
    sold sale;
    t timestamptz;
    owned bigint;
    blocks jsonb;
BEGIN
    PERFORM bound_lock_waits();
    SELECT * INTO sold FROM sale a WHERE a.id = of_sale AND a.buyer = of_buyer FOR UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_sale');
    END IF;
    IF sold.cancelled_at IS NULL THEN
        PERFORM lock_seats(sold.schedule_id, sold.seat_nos);
        t := clock_timestamp();
        SELECT count(*) INTO owned
        FROM seat_state s
        WHERE s.schedule_id = sold.schedule_id AND s.seat_no = ANY (sold.seat_nos)
          AND s.status = 2 AND s.hold_id = sold.hold_id;
        IF owned <> cardinality(sold.seat_nos) THEN
            RAISE EXCEPTION 'seats of sale % are not its own', of_sale USING ERRCODE = 'data_corrupted';
        END IF;
        UPDATE sale a SET cancelled_at = greatest(t, a.sold_at) WHERE a.id = of_sale;
        UPDATE sale_seat x SET cancelled_at = t WHERE x.sale_id = of_sale;
        blocks := change_seats(sold.schedule_id, sold.seat_nos, 0::smallint, NULL, NULL, t, 7::smallint);
    END IF;
    RETURN done('sale', sale_told(of_sale), sold.schedule_id, blocks);
END $$;
