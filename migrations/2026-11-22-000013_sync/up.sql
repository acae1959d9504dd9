-- What each place in the chain of events was about: the clock of phones, kept for 180 days and made of nothing but the chain.
CREATE TABLE sync_changes (
    seq BIGINT PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID NOT NULL,
    company_id UUID,
    ticket_id UUID
);
CREATE INDEX sync_changes_ticket_idx ON sync_changes (ticket_id, seq) WHERE ticket_id IS NOT NULL;
CREATE INDEX sync_changes_company_idx ON sync_changes (company_id, seq) WHERE company_id IS NOT NULL;
CREATE INDEX sync_changes_general_idx ON sync_changes (seq) WHERE company_id IS NULL AND ticket_id IS NULL;
CREATE INDEX sync_changes_object_idx ON sync_changes (object_id, seq);
INSERT INTO sync_changes (seq, at, object_kind, object_id, company_id, ticket_id)
    SELECT event_chain.seq, events.at, events.object_kind, events.object_id, events.company_id, events.ticket_id
    FROM event_chain INNER JOIN events ON events.id = event_chain.event_id;

-- Up to where changes were forgotten.
CREATE TABLE sync_state (
    id INTEGER PRIMARY KEY CONSTRAINT sync_state_id_check CHECK (id = 1),
    forgotten_seq BIGINT NOT NULL
);
INSERT INTO sync_state (id, forgotten_seq) VALUES (1, 0);

-- What each user's phones were given: the tickets, sites and companies that everything else hangs on.
CREATE TABLE sync_given (
    user_id UUID NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    record_id UUID NOT NULL,
    since_seq BIGINT NOT NULL,
    until_seq BIGINT,
    access TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, kind, record_id)
);

-- Moves of tickets as phones asked for them, perhaps hours before they could say so.
CREATE TABLE status_changes (
    id UUID PRIMARY KEY,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    user_id UUID NOT NULL REFERENCES users (id),
    from_status TEXT NOT NULL,
    to_status TEXT NOT NULL,
    comment TEXT,
    waiting_for TEXT,
    occurred_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX status_changes_ticket_idx ON status_changes (ticket_id);

-- Rows of phones that were not taken as they came: kept whole until their author has seen why.
CREATE TABLE sync_issues (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    device_id TEXT,
    ticket_id UUID,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    details TEXT NOT NULL,
    pushed TEXT NOT NULL,
    pushed_sha256 BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    acknowledged_at TIMESTAMPTZ,
    CONSTRAINT sync_issues_user_id_pushed_sha256_key UNIQUE (user_id, pushed_sha256)
);
CREATE INDEX sync_issues_user_idx ON sync_issues (user_id, created_at);
CREATE INDEX code_claims_user_idx ON code_claims (user_id, recorded_at);
