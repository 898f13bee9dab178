-- The house's own names for what it imports: by them an import that is repeated finds what is there already.
-- What was not imported has none.
ALTER TABLE concert ADD COLUMN key text UNIQUE CHECK (key ~ '^[a-z0-9][a-z0-9._-]{0,63}$');
ALTER TABLE layout ADD COLUMN key text UNIQUE CHECK (key ~ '^[a-z0-9][a-z0-9._-]{0,63}$');
-- Of one concert each.
ALTER TABLE schedule
    ADD COLUMN key text CHECK (key ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    ADD UNIQUE (concert_id, key);
