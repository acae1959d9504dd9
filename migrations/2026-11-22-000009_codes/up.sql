-- Labels that are printed before anybody knows for what. Numbers run on over the whole installation, so that a paper roll
-- says which it holds.
CREATE TABLE label_batches (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    first_number BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    created_by UUID NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX label_batches_created_idx ON label_batches (created_at DESC, id DESC);

ALTER TABLE codes ADD COLUMN batch_id UUID;
ALTER TABLE codes ADD COLUMN number BIGINT;
ALTER TABLE codes ADD COLUMN printed_at TIMESTAMPTZ;
ALTER TABLE codes ADD COLUMN claimed_at TIMESTAMPTZ;
CREATE UNIQUE INDEX codes_number_key ON codes (number) WHERE number IS NOT NULL;
CREATE INDEX codes_batch_idx ON codes (batch_id, number) WHERE batch_id IS NOT NULL;
CREATE INDEX codes_state_idx ON codes (state, number) WHERE number IS NOT NULL;

-- Who put which label on what. Of two claims of one code the first wins; the other is kept as well.
CREATE TABLE code_claims (
    id UUID PRIMARY KEY,
    code TEXT NOT NULL REFERENCES codes (code),
    asset_id UUID NOT NULL REFERENCES assets (id),
    user_id UUID NOT NULL REFERENCES users (id),
    outcome TEXT NOT NULL,
    holder_id UUID REFERENCES assets (id),
    replaced TEXT,
    sent TEXT NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION
);
CREATE INDEX code_claims_code_idx ON code_claims (code, recorded_at DESC, id DESC);
CREATE INDEX code_claims_asset_idx ON code_claims (asset_id, recorded_at DESC, id DESC);

-- Codes that others printed on a device. `key` is what remains when it does not matter how the code was written.
CREATE TABLE foreign_codes (
    id UUID PRIMARY KEY,
    asset_id UUID NOT NULL REFERENCES assets (id),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    key TEXT NOT NULL,
    created_by UUID NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ
);
CREATE INDEX foreign_codes_key_idx ON foreign_codes (key) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX foreign_codes_asset_id_key_key ON foreign_codes (asset_id, key) WHERE removed_at IS NULL;
