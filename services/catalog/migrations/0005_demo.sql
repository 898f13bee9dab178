-- Marks a database whose concerts are the demo's, and the day that their dates are counted
-- from. `seed-demo` leaves a database alone that has concerts but not this mark.
CREATE TABLE demo (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    day      date    NOT NULL
);
