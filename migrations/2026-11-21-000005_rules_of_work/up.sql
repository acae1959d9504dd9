-- A template is never edited in place: a change is its next version, and old tickets keep what they were given.
CREATE TABLE checklist_templates (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    per_asset BOOLEAN NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE checklist_template_items (
    template_id UUID NOT NULL REFERENCES checklist_templates (id),
    template_version BIGINT NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    required BOOLEAN NOT NULL,
    required_on TEXT NOT NULL,
    choices TEXT NOT NULL,
    PRIMARY KEY (template_id, template_version, position)
);

CREATE TABLE ticket_types (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    required_fields TEXT NOT NULL,
    gates TEXT NOT NULL,
    team_id UUID REFERENCES teams (id),
    signing_authority TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE ticket_type_checklists (
    ticket_type_id UUID NOT NULL REFERENCES ticket_types (id),
    position INTEGER NOT NULL,
    template_id UUID NOT NULL REFERENCES checklist_templates (id),
    PRIMARY KEY (ticket_type_id, position)
);

-- The company's own graph of statuses. The program understands the kinds only.
CREATE TABLE statuses (
    code TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name_ru TEXT NOT NULL,
    name_uk TEXT NOT NULL,
    name_en TEXT NOT NULL,
    position INTEGER NOT NULL,
    archived BOOLEAN NOT NULL
);

CREATE TABLE transitions (
    from_code TEXT NOT NULL REFERENCES statuses (code),
    to_code TEXT NOT NULL REFERENCES statuses (code),
    roles TEXT NOT NULL,
    gates TEXT NOT NULL,
    comment_required BOOLEAN NOT NULL,
    PRIMARY KEY (from_code, to_code)
);

CREATE TABLE workflow (
    id INTEGER PRIMARY KEY CONSTRAINT workflow_id_check CHECK (id = 1),
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
