-- The organisation's keys: the one that seals now, and those that sealed before. Private keys are locked.
CREATE TABLE seals (
    id UUID PRIMARY KEY,
    origin TEXT NOT NULL,
    -- The certificate and those that vouch for it, DER, one behind the other.
    certificates BYTEA NOT NULL,
    certificate_sha256 BYTEA NOT NULL UNIQUE,
    locked_key BYTEA NOT NULL,
    in_use BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
-- One seals at a time.
CREATE UNIQUE INDEX seals_in_use_key ON seals (in_use) WHERE in_use;

-- Signed copies that were sealed, one for each number of decisions on an act. They are served for ever.
CREATE TABLE sealed_copies (
    sha256 BYTEA PRIMARY KEY,
    act_id UUID NOT NULL REFERENCES acts (id),
    decisions BIGINT NOT NULL,
    seal_id UUID NOT NULL REFERENCES seals (id),
    evidence_sha256 BYTEA NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (act_id, decisions)
);

-- What stands in the QR code of an act; acts of earlier versions of the program have none.
ALTER TABLE acts ADD COLUMN verification_code TEXT;
CREATE UNIQUE INDEX acts_verification_code_key ON acts (verification_code);
-- A file is looked for by its hash.
CREATE INDEX acts_document_idx ON acts (document_sha256);
CREATE INDEX acts_signed_document_idx ON acts (signed_document_sha256);
