-- A file on a ticket is there before its bytes are: expected, then ready or rejected. Until it is ready nothing is kept
-- under a hash.
ALTER TABLE attachments ALTER COLUMN file_sha256 DROP NOT NULL;
ALTER TABLE attachments ADD COLUMN status TEXT NOT NULL DEFAULT 'ready';
-- JSON: what is wrong with the bytes that came, for one that was rejected.
ALTER TABLE attachments ADD COLUMN rejection TEXT;
ALTER TABLE attachments ADD COLUMN checklist_item_id UUID;
-- What the phone says: when and where the file was made.
ALTER TABLE attachments ADD COLUMN occurred_at TIMESTAMPTZ;
ALTER TABLE attachments ADD COLUMN lat DOUBLE PRECISION;
ALTER TABLE attachments ADD COLUMN lon DOUBLE PRECISION;
ALTER TABLE attachments ADD COLUMN accuracy_m DOUBLE PRECISION;
-- The bytes as they were sent, kept as evidence; null where they were not kept.
ALTER TABLE attachments ADD COLUMN original_sha256 BYTEA;
ALTER TABLE attachments ADD COLUMN original_size BIGINT;
-- What the camera wrote into the picture: its own clock, with an offset where it knew one, and its own place.
ALTER TABLE attachments ADD COLUMN camera_taken_at TEXT;
ALTER TABLE attachments ADD COLUMN camera_lat DOUBLE PRECISION;
ALTER TABLE attachments ADD COLUMN camera_lon DOUBLE PRECISION;
ALTER TABLE attachments ADD COLUMN small_sha256 BYTEA;
ALTER TABLE attachments ADD COLUMN large_sha256 BYTEA;

-- Bytes on their way. The id is the attachment's: an upload has no name of its own.
CREATE TABLE uploads (
    attachment_id UUID PRIMARY KEY REFERENCES attachments (id),
    author_id UUID NOT NULL REFERENCES users (id),
    state TEXT NOT NULL,
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    -- Until then somebody looks at the bytes.
    leased_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX uploads_author_idx ON uploads (author_id, state);
CREATE INDEX uploads_state_idx ON uploads (state, updated_at);

-- The pieces, each an object of its own: what stands here was on the disk (or in the bucket) before it was written here.
CREATE TABLE upload_pieces (
    attachment_id UUID NOT NULL REFERENCES uploads (attachment_id),
    begins BIGINT NOT NULL,
    size BIGINT NOT NULL,
    piece_id UUID NOT NULL,
    PRIMARY KEY (attachment_id, begins)
);
