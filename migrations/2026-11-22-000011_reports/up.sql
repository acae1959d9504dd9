-- Faults that people without a login reported from a label.
CREATE TABLE reports (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    asset_id UUID NOT NULL REFERENCES assets (id),
    company_id UUID NOT NULL REFERENCES companies (id),
    site_id UUID REFERENCES sites (id),
    code TEXT NOT NULL,
    text TEXT NOT NULL,
    reporter_name TEXT,
    reporter_phone TEXT,
    language TEXT NOT NULL,
    same_count BIGINT NOT NULL,
    ticket_id UUID REFERENCES tickets (id),
    decided_by UUID REFERENCES users (id),
    decided_at TIMESTAMPTZ,
    reason TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX reports_created_idx ON reports (created_at DESC, id DESC);
CREATE INDEX reports_state_idx ON reports (state, created_at DESC, id DESC);
CREATE INDEX reports_company_idx ON reports (company_id, created_at DESC, id DESC);
CREATE INDEX reports_asset_idx ON reports (asset_id, created_at DESC, id DESC);

-- The bytes lie in the files folder (or bucket) under their hash.
CREATE TABLE report_photos (
    report_id UUID NOT NULL REFERENCES reports (id),
    position INTEGER NOT NULL,
    file_sha256 BYTEA NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    width INTEGER,
    height INTEGER,
    PRIMARY KEY (report_id, position)
);

-- "I have noticed it as well": one row for each form that was sent, so that a repeat counts once.
CREATE TABLE report_echoes (
    id UUID PRIMARY KEY,
    report_id UUID NOT NULL REFERENCES reports (id),
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX report_echoes_report_idx ON report_echoes (report_id);

-- Who reported lately, for the limits. A subject is a keyed hash of a network, a code or a telephone; a day later it is gone.
CREATE TABLE report_marks (
    id UUID PRIMARY KEY,
    subject BYTEA NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX report_marks_subject_idx ON report_marks (subject, at DESC);
CREATE INDEX report_marks_at_idx ON report_marks (at);

-- What reports become: the kind of ticket, whether nobody is asked first, and in whose name then.
ALTER TABLE provider ADD COLUMN report_type_id UUID;
ALTER TABLE companies ADD COLUMN report_type_id UUID;
ALTER TABLE companies ADD COLUMN reports_at_once BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE companies ADD COLUMN reports_at_once_by UUID;
