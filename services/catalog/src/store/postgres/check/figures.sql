-- Whether each seat is what its last event made it, and each block counts what its seats are: what views are made of.
last AS (
    SELECT DISTINCT ON (e.schedule_id, e.seat_no) e.*
    FROM event e
    ORDER BY e.schedule_id, e.seat_no, e.version DESC
),
block AS (
    SELECT s.schedule_id, (s.seat_no - 1) / 512 AS block, count(*) FILTER (WHERE s.status = 0) AS free,
           min(s.held_until) AS first_end
    FROM seat_state s
    JOIN looked ON looked.id = s.schedule_id
    GROUP BY 1, 2
),
wrong AS (
    SELECT format('seat %s of schedule %s has status %s, and its last event %s', l.seat_no, l.schedule_id, s.status, l.status) AS what
    FROM last l
    LEFT JOIN seat_state s ON s.schedule_id = l.schedule_id AND s.seat_no = l.seat_no
    WHERE (s.status, s.hold_id, s.held_until) IS DISTINCT FROM (l.status, l.hold_id, l.held_until)
    UNION ALL
    SELECT format('block %s of schedule %s counts %s free seats, and has %s', b.block, b.schedule_id, v.free_seats, b.free)
    FROM block b
    LEFT JOIN block_version v ON v.schedule_id = b.schedule_id AND v.block = b.block
    WHERE v.free_seats IS DISTINCT FROM b.free
    UNION ALL
    SELECT format('block %s of schedule %s expects no end before %s, and one is at %s', b.block, b.schedule_id, v.first_end, b.first_end)
    FROM block b
    JOIN block_version v ON v.schedule_id = b.schedule_id AND v.block = b.block
    WHERE b.first_end IS NOT NULL AND (v.first_end IS NULL OR v.first_end > b.first_end)
)
SELECT (SELECT count(*) FROM last) + (SELECT count(*) FROM block), ARRAY(SELECT what FROM wrong ORDER BY what LIMIT 100)
