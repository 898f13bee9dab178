-- What the last look at what has to hold found, for all copies to tell: one copy looks for all. broken has, for each
-- invariant, how many things are not so.
CREATE TABLE last_look (
    only_row  boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    looked_at timestamptz NOT NULL,
    broken    jsonb       NOT NULL
);
