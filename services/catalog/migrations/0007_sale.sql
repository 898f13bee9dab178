-- A confirmed hold. order_ref is the shop's own name for the order. seat_nos, prices and currency are those of the hold.
CREATE TABLE sale (
    id           uuid        PRIMARY KEY,
    hold_id      uuid        NOT NULL UNIQUE,
    schedule_id  bigint      NOT NULL,
    sold_at      timestamptz NOT NULL,
    cancelled_at timestamptz CHECK (cancelled_at >= sold_at),
    buyer        text        NOT NULL,
    order_ref    text        NOT NULL CHECK (length(order_ref) BETWEEN 1 AND 255),
    currency     text        NOT NULL,
    seat_nos     integer[]   NOT NULL CHECK (cardinality(seat_nos) >= 1),
    prices       bigint[]    NOT NULL CHECK (cardinality(prices) = cardinality(seat_nos))
);

-- Serves the limit.
CREATE INDEX sale_by_buyer ON sale (buyer, schedule_id) WHERE cancelled_at IS NULL;

-- Each seat of each sale. The index is the last line, and knows nothing of holds or locks: a seat
-- has at most one live sale, whatever the rest of the program believes. Its violation is an alarm.
CREATE TABLE sale_seat (
    sale_id      uuid        NOT NULL REFERENCES sale (id),
    schedule_id  bigint      NOT NULL,
    cancelled_at timestamptz,
    seat_no      integer     NOT NULL,
    PRIMARY KEY (sale_id, seat_no)
);

CREATE UNIQUE INDEX sale_seat_sold_once ON sale_seat (schedule_id, seat_no) WHERE cancelled_at IS NULL;
