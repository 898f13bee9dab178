-- Each seat that a live hold or a live sale names, and whether it is that one's alone, and says so itself.
-- A hold that ends within the second may change hands while this is read.
, owner AS (
    SELECT h.schedule_id, seat.no, h.id AS hold_id, 1::smallint AS status, 'hold ' || h.id AS name
    FROM hold h
    JOIN looked ON looked.id = h.schedule_id
    CROSS JOIN unnest(h.seat_nos) AS seat (no)
    WHERE h.state IN (0, 1) AND h.ends_at > now() + interval '1 second'
    UNION ALL
    SELECT a.schedule_id, seat.no, a.hold_id, 2::smallint, 'sale ' || a.id
    FROM sale a
    JOIN looked ON looked.id = a.schedule_id
    CROSS JOIN unnest(a.seat_nos) AS seat (no)
    WHERE a.cancelled_at IS NULL
),
wrong AS (
    SELECT format('seat %s of schedule %s is of %s', no, schedule_id, string_agg(name, ' and of ')) AS what
    FROM owner
    GROUP BY schedule_id, no
    HAVING count(*) > 1
    UNION ALL
    SELECT format('seat %s of schedule %s is of %s, and has status %s of hold %s', o.no, o.schedule_id, o.name, s.status, s.hold_id)
    FROM owner o
    LEFT JOIN seat_state s ON s.schedule_id = o.schedule_id AND s.seat_no = o.no
    WHERE s.status IS DISTINCT FROM o.status OR s.hold_id IS DISTINCT FROM o.hold_id
)
SELECT (SELECT count(*) FROM owner), ARRAY(SELECT what FROM wrong ORDER BY what LIMIT 100)
