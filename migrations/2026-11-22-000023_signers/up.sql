-- Up to which amount an ordinary employee of a client's may sign: by kind of ticket, company and site; null for any.
CREATE TABLE signing_rules (
    id UUID PRIMARY KEY,
    ticket_type_id UUID REFERENCES ticket_types (id),
    company_id UUID REFERENCES companies (id),
    site_id UUID REFERENCES sites (id),
    currency TEXT NOT NULL,
    -- Null: any amount.
    employee_limit BIGINT CONSTRAINT signing_rules_employee_limit_check CHECK (employee_limit >= 0),
    walk_ins BOOLEAN NOT NULL,
    note TEXT,
    -- What it is about, in one text: of two rules about the same only one is in force.
    scope TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX signing_rules_created_idx ON signing_rules (created_at DESC, id DESC);
CREATE UNIQUE INDEX signing_rules_scope_key ON signing_rules (scope) WHERE archived_at IS NULL;

-- A contact's power of attorney, JSON; and the one that a signature rests on, as it was then.
ALTER TABLE contacts ADD COLUMN power_of_attorney TEXT;
ALTER TABLE signatures ADD COLUMN power_of_attorney TEXT;

-- After how many working days without a word the client is taken to have accepted an act, and by which clause.
ALTER TABLE agreements ADD COLUMN deemed_accepted_after_days BIGINT;
ALTER TABLE agreements ADD COLUMN deemed_acceptance_clause TEXT;

-- By which rule an act was issued, and when its agreement takes silence for acceptance, as both were then. Acts of earlier
-- versions of the program have no row.
CREATE TABLE act_terms (
    act_id UUID PRIMARY KEY REFERENCES acts (id),
    rule_id UUID REFERENCES signing_rules (id),
    employee_limit BIGINT,
    walk_ins BOOLEAN NOT NULL,
    after_days BIGINT,
    clause TEXT,
    due_on DATE,
    acceptance_due_at TIMESTAMPTZ,
    -- When it was noted that the days were over and nobody had said a word.
    deemed_accepted_at TIMESTAMPTZ
);
CREATE INDEX act_terms_due_idx ON act_terms (acceptance_due_at) WHERE acceptance_due_at IS NOT NULL AND deemed_accepted_at IS NULL;

-- Append-only: nobody was there to sign a version of an act.
CREATE TABLE act_absences (
    id UUID PRIMARY KEY,
    act_id UUID NOT NULL CONSTRAINT act_absences_act_id_key UNIQUE REFERENCES acts (id),
    reason TEXT NOT NULL,
    attachment_id UUID NOT NULL REFERENCES attachments (id),
    photo_sha256 BYTEA NOT NULL,
    document_sha256 BYTEA NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by UUID NOT NULL REFERENCES users (id),
    ip TEXT,
    user_agent TEXT,
    device_id TEXT,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    absence_sha256 BYTEA NOT NULL
);
