-- This installation, one row: the epoch is another after each restore, so that phones notice.
CREATE TABLE installation (
    id INTEGER PRIMARY KEY CONSTRAINT installation_id_check CHECK (id = 1),
    epoch UUID NOT NULL,
    began_at TIMESTAMPTZ NOT NULL
);

-- The Merkle tree over the chain of events (RFC 6962): hashes of complete subtrees of 256, 65,536, … entries.
CREATE TABLE audit_nodes (
    -- The subtree has 2^height entries: 8, 16, 24, …
    height INTEGER NOT NULL,
    -- Its place among those of its height, from 0.
    position BIGINT NOT NULL,
    -- The chain's seq of its last entry.
    last_seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (height, position)
);
CREATE INDEX audit_nodes_last_seq_idx ON audit_nodes (height, last_seq);

-- What the whole tree's hash was, day by day.
CREATE TABLE audit_roots (
    tree_size BIGINT PRIMARY KEY,
    head_seq BIGINT NOT NULL,
    head BYTEA NOT NULL,
    root BYTEA NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
