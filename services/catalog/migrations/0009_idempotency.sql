-- Answers kept for whoever asks again with the same key. Kept with what it answers, in one transaction; refusals are not
-- kept, they changed nothing. request is the SHA-256 of what was asked: the same key with another request is a mistake.
CREATE TABLE idempotency (
    buyer       text        NOT NULL,
    key         text        NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    answered_at timestamptz NOT NULL,
    request     bytea       NOT NULL,
    answer      jsonb       NOT NULL,
    PRIMARY KEY (buyer, key)
);

-- Serves retention.
CREATE INDEX idempotency_by_time ON idempotency USING brin (answered_at);
