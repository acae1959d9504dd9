-- What a phone without a network showed in the place of a document that was yet to be printed: the very text, its hash, and
-- whether it says what was frozen.
ALTER TABLE acts ADD COLUMN shown_text TEXT;
ALTER TABLE acts ADD COLUMN shown_sha256 BYTEA;
ALTER TABLE acts ADD COLUMN shown_as TEXT;
ALTER TABLE acts ADD COLUMN shown_at TIMESTAMPTZ;

-- What a signer was shown in the place of the document; nothing when it was the document itself.
ALTER TABLE signatures ADD COLUMN shown_sha256 BYTEA;
ALTER TABLE signatures ADD COLUMN shown_as TEXT;

-- Numbers of acts that were promised to a ticket before there was an act: each becomes an act's, or is accounted for as void.
CREATE TABLE reserved_numbers (
    id UUID PRIMARY KEY,
    number TEXT NOT NULL CONSTRAINT reserved_numbers_number_key UNIQUE,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    company_id UUID NOT NULL REFERENCES companies (id),
    device_id TEXT,
    reserved_by UUID NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    act_id UUID REFERENCES acts (id),
    voided_at TIMESTAMPTZ,
    voided_by UUID REFERENCES users (id),
    void_reason TEXT
);
CREATE INDEX reserved_numbers_page_idx ON reserved_numbers (created_at, id);
-- A ticket waits for one act.
CREATE UNIQUE INDEX reserved_numbers_ticket_id_key ON reserved_numbers (ticket_id) WHERE act_id IS NULL AND voided_at IS NULL;
