-- What happened: written in the transaction that did it, chained afterwards.
CREATE TABLE events (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor_id UUID,
    actor_role TEXT,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID NOT NULL,
    company_id UUID,
    ticket_id UUID,
    -- Before, after, and where it came from. May be erased for a person's sake: the chain holds only its salted hash.
    facts TEXT,
    facts_salt BYTEA NOT NULL,
    facts_hash BYTEA NOT NULL
);
CREATE INDEX events_object_idx ON events (object_id, at DESC, id DESC);
CREATE INDEX events_ticket_idx ON events (ticket_id, at DESC, id DESC) WHERE ticket_id IS NOT NULL;
CREATE INDEX events_at_idx ON events (at DESC, id DESC);

-- Committed events that wait for their place in the chain.
CREATE TABLE unsealed_events (
    event_id UUID PRIMARY KEY REFERENCES events (id)
);

-- The chain: hash = SHA-256(0x00 || prev_hash || canonical JSON of the event).
CREATE TABLE event_chain (
    seq BIGINT PRIMARY KEY,
    event_id UUID NOT NULL UNIQUE REFERENCES events (id),
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL
);

-- Numbers without gaps: taken in the transaction that uses them.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

-- Records that came with an id made by the client, and what was asked: the same again is one record.
CREATE TABLE creations (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    made_by UUID NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);

-- Answers kept for a request that may be repeated.
CREATE TABLE idempotency_keys (
    user_id UUID NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    body TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
