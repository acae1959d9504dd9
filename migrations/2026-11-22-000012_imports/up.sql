-- The number by which another program knows a device: what an import finds it again by.
ALTER TABLE assets ADD COLUMN external_number TEXT;
CREATE INDEX assets_external_idx ON assets (external_number) WHERE external_number IS NOT NULL;

-- A table somebody sent. First looked at, then done, all of it in one transaction.
CREATE TABLE imports (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Whose its rows are, and where, unless they say so themselves.
    company_id UUID REFERENCES companies (id),
    site_id UUID REFERENCES sites (id),
    create_missing BOOLEAN NOT NULL,
    -- The bytes lie in the files folder (or bucket) under their hash.
    file_sha256 BYTEA NOT NULL,
    file_name TEXT NOT NULL,
    file_size BIGINT NOT NULL,
    sheet TEXT,
    header_row BIGINT NOT NULL,
    -- JSON: the columns with their fields, and what should be known before it is done.
    mapping TEXT NOT NULL,
    warnings TEXT NOT NULL,
    to_add BIGINT NOT NULL,
    to_change BIGINT NOT NULL,
    same BIGINT NOT NULL,
    mistakes BIGINT NOT NULL,
    author_id UUID NOT NULL REFERENCES users (id),
    done_by UUID REFERENCES users (id),
    done_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX imports_created_idx ON imports (created_at DESC, id DESC);

-- What becomes of each row, by its number in the file.
CREATE TABLE import_rows (
    import_id UUID NOT NULL REFERENCES imports (id),
    number BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    record_id UUID,
    -- JSON: mistakes, warnings and changes; null when there are none.
    notes TEXT,
    PRIMARY KEY (import_id, number)
);
CREATE INDEX import_rows_outcome_idx ON import_rows (import_id, outcome, number);
