CREATE TABLE work_lines (
    id UUID PRIMARY KEY,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    asset_id UUID REFERENCES assets (id),
    price_item_id UUID REFERENCES price_items (id),
    agreement_id UUID REFERENCES agreements (id),
    invoice_id UUID,
    kind TEXT NOT NULL,
    code TEXT,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL CONSTRAINT work_lines_quantity_check CHECK (quantity > 0),
    currency TEXT NOT NULL,
    -- What the list said and what is asked, in ten-thousandths of the major unit. No price yet: null.
    list_price BIGINT,
    price BIGINT,
    vat_mode TEXT NOT NULL,
    vat_rate TEXT NOT NULL,
    amount BIGINT NOT NULL,
    net BIGINT NOT NULL,
    vat BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    coverage TEXT NOT NULL,
    coverage_reason TEXT NOT NULL,
    added_by UUID NOT NULL REFERENCES users (id),
    added_at TIMESTAMPTZ NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);
CREATE INDEX work_lines_ticket_idx ON work_lines (ticket_id, added_at, id);
CREATE INDEX work_lines_unbilled_idx ON work_lines (ticket_id) WHERE invoice_id IS NULL AND coverage = 'extra';

-- issued (frozen) -> signed | signed_with_remarks | refused | unattended; superseded, voided.
CREATE TABLE acts (
    id UUID PRIMARY KEY,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    company_id UUID NOT NULL REFERENCES companies (id),
    number TEXT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    language TEXT NOT NULL,
    show_prices BOOLEAN NOT NULL,
    currency TEXT NOT NULL,
    net BIGINT NOT NULL,
    vat BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    required_authority TEXT NOT NULL,
    -- The frozen content, canonical JSON, and the bytes of the form that printed it.
    snapshot TEXT NOT NULL,
    snapshot_sha256 BYTEA NOT NULL,
    form_sha256 BYTEA NOT NULL,
    document_sha256 BYTEA NOT NULL,
    document_size BIGINT NOT NULL,
    signature_boxes TEXT NOT NULL,
    signed_document_sha256 BYTEA,
    issued_by UUID NOT NULL REFERENCES users (id),
    issued_at TIMESTAMPTZ NOT NULL,
    signed_at TIMESTAMPTZ,
    resolved_at TIMESTAMPTZ,
    resolved_by UUID REFERENCES users (id),
    resolution TEXT,
    UNIQUE (number, version)
);
CREATE INDEX acts_ticket_idx ON acts (ticket_id, version DESC);
CREATE INDEX acts_company_idx ON acts (company_id, issued_at DESC, id DESC);
CREATE INDEX acts_issued_idx ON acts (issued_at DESC, id DESC);
CREATE INDEX acts_status_idx ON acts (status, issued_at DESC, id DESC);
-- One act of a ticket is in force.
CREATE UNIQUE INDEX acts_ticket_id_key ON acts (ticket_id) WHERE status NOT IN ('superseded', 'voided');

CREATE TABLE act_lines (
    act_id UUID NOT NULL REFERENCES acts (id),
    position INTEGER NOT NULL,
    work_line_id UUID NOT NULL REFERENCES work_lines (id),
    coverage TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    price BIGINT,
    vat_mode TEXT NOT NULL,
    vat_rate TEXT NOT NULL,
    amount BIGINT NOT NULL,
    net BIGINT NOT NULL,
    vat BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    PRIMARY KEY (act_id, position)
);
CREATE INDEX act_lines_work_line_idx ON act_lines (work_line_id);

-- Append-only: a decision of one party on one frozen document.
CREATE TABLE signatures (
    id UUID PRIMARY KEY,
    act_id UUID NOT NULL REFERENCES acts (id),
    party TEXT NOT NULL,
    contact_id UUID REFERENCES contacts (id),
    signer_name TEXT NOT NULL,
    signer_position TEXT,
    authority TEXT NOT NULL,
    outcome TEXT NOT NULL,
    remarks TEXT,
    method TEXT NOT NULL,
    document_sha256 BYTEA NOT NULL,
    ink TEXT,
    image_sha256 BYTEA,
    signed_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by UUID NOT NULL REFERENCES users (id),
    ip TEXT,
    user_agent TEXT,
    device_id TEXT,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    signature_sha256 BYTEA NOT NULL,
    UNIQUE (act_id, party)
);

CREATE TABLE invoices (
    id UUID PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    company_id UUID NOT NULL REFERENCES companies (id),
    status TEXT NOT NULL,
    language TEXT NOT NULL,
    currency TEXT NOT NULL,
    net BIGINT NOT NULL,
    vat BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    snapshot TEXT NOT NULL,
    snapshot_sha256 BYTEA NOT NULL,
    form_sha256 BYTEA NOT NULL,
    document_sha256 BYTEA NOT NULL,
    document_size BIGINT NOT NULL,
    issued_by UUID NOT NULL REFERENCES users (id),
    issued_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX invoices_company_idx ON invoices (company_id, issued_at DESC, id DESC);
CREATE INDEX invoices_issued_idx ON invoices (issued_at DESC, id DESC);

CREATE TABLE invoice_lines (
    invoice_id UUID NOT NULL REFERENCES invoices (id),
    position INTEGER NOT NULL,
    act_id UUID NOT NULL REFERENCES acts (id),
    -- Signed work is billed once, whatever versions its act went through.
    work_line_id UUID NOT NULL UNIQUE REFERENCES work_lines (id),
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    price BIGINT NOT NULL,
    vat_mode TEXT NOT NULL,
    vat_rate TEXT NOT NULL,
    amount BIGINT NOT NULL,
    net BIGINT NOT NULL,
    vat BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, position)
);
CREATE INDEX invoice_lines_act_idx ON invoice_lines (act_id);
