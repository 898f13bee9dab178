-- The schedules that are looked at: all of them, or, where $1, those of which seats may be sold just now. What was held
-- when the sale closed may be paid for a while longer.
WITH looked AS (
    SELECT s.id
    FROM schedule s
    WHERE NOT $1 OR (s.sale_opens_at <= now() AND least(s.sale_closes_at, s.starts_at) > now() - interval '1 hour')
)
