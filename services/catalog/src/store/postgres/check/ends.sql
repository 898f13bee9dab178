-- Each change of a held seat beside the hold's end: no payment, extension or release after it, nothing taken before it;
-- and each sale beside the end of its hold.
step AS (
    SELECT e.*,
           lag(e.status) OVER seat AS status_before,
           lag(e.held_until) OVER seat AS end_before
    FROM event e
    WINDOW seat AS (PARTITION BY e.schedule_id, e.seat_no ORDER BY e.version)
),
late AS (
    SELECT format('seat %s of schedule %s: cause %s at %s, of a hold that ended at %s', seat_no, schedule_id, cause, at, end_before) AS what
    FROM step
    WHERE status_before = 1 AND cause IN (2, 3, 4, 6) AND end_before <= at
    UNION ALL
    SELECT format('seat %s of schedule %s: cause %s at %s, of a hold that lasts until %s', seat_no, schedule_id, cause, at, end_before)
    FROM step
    WHERE status_before = 1 AND cause IN (1, 5, 8) AND end_before > at
    UNION ALL
    SELECT format('sale %s was made at %s, of a hold that ended at %s', a.id, a.sold_at, h.ends_at)
    FROM sale a
    JOIN looked ON looked.id = a.schedule_id
    JOIN hold h ON h.id = a.hold_id
    WHERE a.sold_at >= h.ends_at
)
SELECT (SELECT count(*) FROM step WHERE status_before = 1) + (SELECT count(*) FROM sale),
       ARRAY(SELECT what FROM late ORDER BY what LIMIT 100)
