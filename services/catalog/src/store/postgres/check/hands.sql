-- Each change of a seat beside the one before it: nobody takes what somebody has, nobody pays or gives back what it
-- does not have. Causes as in seat_event.
step AS (
    SELECT e.*,
           lag(e.version) OVER seat IS NOT NULL AS follows,
           lag(e.status) OVER seat AS status_before,
           lag(e.hold_id) OVER seat AS hold_before,
           lag(e.held_until) OVER seat AS end_before
    FROM event e
    WINDOW seat AS (PARTITION BY e.schedule_id, e.seat_no ORDER BY e.version)
),
wrong AS (
    SELECT format(
               'seat %s of schedule %s: cause %s by hold %s at %s, while it had status %s of hold %s until %s',
               seat_no, schedule_id, cause, hold_id, at, status_before, hold_before, end_before) AS what
    FROM step
    WHERE follows AND NOT CASE
        WHEN cause IN (1, 8) THEN
            seat_is_free(status_before, end_before, at)
            AND (status_before = 0 OR ended_hold_id IS NOT DISTINCT FROM hold_before)
        WHEN cause IN (2, 3, 4) THEN status_before = 1 AND hold_before = hold_id
        WHEN cause IN (5, 6) THEN status_before = 1
        WHEN cause = 7 THEN status_before = 2
        ELSE status_before = 3
    END
)
SELECT (SELECT count(*) FROM step WHERE follows), ARRAY(SELECT what FROM wrong ORDER BY what LIMIT 100)
