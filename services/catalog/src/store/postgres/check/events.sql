,
-- The events that are looked at: all of them, or those of the last $2 seconds. A block is looked at from a version on and
-- not from an instant on, so that of a seat's events from there on none is missing, whatever a clock did meanwhile.
recent AS (
    SELECT e.schedule_id, e.block, min(e.version) AS version
    FROM seat_event e
    JOIN looked ON looked.id = e.schedule_id
    WHERE e.at > coalesce(now() - $2 * interval '1 s', '-infinity')
    GROUP BY 1, 2
),
event AS (
    SELECT e.*
    FROM recent r
    JOIN seat_event e ON e.schedule_id = r.schedule_id AND e.block = r.block AND e.version >= r.version
),
