-- How far each printer is off: tenths of a millimetre by which everything is moved to the right and down.
CREATE TABLE printers (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    dpi BIGINT NOT NULL,
    offset_x BIGINT NOT NULL,
    offset_y BIGINT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Labels that take longer than a request may. Whoever works on a job says so with its worker's id and a heartbeat; a job
-- whose heart has stopped is taken up anew by the next who looks.
CREATE TABLE label_jobs (
    id UUID PRIMARY KEY,
    status TEXT NOT NULL,
    title TEXT NOT NULL,
    setup TEXT NOT NULL,
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failure TEXT,
    file_sha256 BYTEA,
    file_size BIGINT,
    worker UUID,
    heartbeat_at TIMESTAMPTZ,
    created_by UUID NOT NULL REFERENCES users (id),
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX label_jobs_created_idx ON label_jobs (created_at DESC, id DESC);
CREATE INDEX label_jobs_open_idx ON label_jobs (created_at, id) WHERE status IN ('queued', 'running');

-- Every label that was printed, also of codes that are on no asset yet.
CREATE TABLE label_prints (
    id UUID PRIMARY KEY,
    code TEXT NOT NULL,
    asset_id UUID REFERENCES assets (id),
    user_id UUID NOT NULL REFERENCES users (id),
    job_id UUID,
    medium TEXT NOT NULL,
    printed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX label_prints_asset_idx ON label_prints (asset_id, printed_at DESC, id DESC) WHERE asset_id IS NOT NULL;
CREATE INDEX label_prints_code_idx ON label_prints (code, printed_at DESC);
CREATE INDEX label_prints_job_idx ON label_prints (job_id) WHERE job_id IS NOT NULL;
