CREATE TABLE tickets (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    type_id UUID NOT NULL REFERENCES ticket_types (id),
    company_id UUID NOT NULL REFERENCES companies (id),
    site_id UUID REFERENCES sites (id),
    contact_id UUID REFERENCES contacts (id),
    assignee_id UUID REFERENCES users (id),
    team_id UUID REFERENCES teams (id),
    status_code TEXT NOT NULL REFERENCES statuses (code),
    status_kind TEXT NOT NULL,
    waiting_for TEXT,
    priority TEXT NOT NULL,
    subject TEXT NOT NULL,
    description TEXT,
    due_at TIMESTAMPTZ,
    search_text TEXT NOT NULL,
    created_by UUID NOT NULL REFERENCES users (id),
    started_at TIMESTAMPTZ,
    done_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX tickets_created_idx ON tickets (created_at DESC, id DESC);
CREATE INDEX tickets_company_idx ON tickets (company_id, created_at DESC, id DESC);
CREATE INDEX tickets_company_status_idx ON tickets (company_id, status_kind, created_at DESC, id DESC);
CREATE INDEX tickets_assignee_idx ON tickets (assignee_id, created_at DESC, id DESC);
CREATE INDEX tickets_team_idx ON tickets (team_id, created_at DESC, id DESC);
CREATE INDEX tickets_author_idx ON tickets (created_by, created_at DESC, id DESC);
CREATE INDEX tickets_status_idx ON tickets (status_kind, created_at DESC, id DESC);
CREATE INDEX tickets_open_due_idx ON tickets (due_at, id) WHERE closed_at IS NULL;

CREATE TABLE ticket_assets (
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    asset_id UUID NOT NULL REFERENCES assets (id),
    linked_at TIMESTAMPTZ NOT NULL,
    scanned_at TIMESTAMPTZ,
    PRIMARY KEY (ticket_id, asset_id)
);
CREATE INDEX ticket_assets_asset_idx ON ticket_assets (asset_id, linked_at DESC);

-- Copied from a template's version when the ticket (or the asset on it) came: later edits of the template touch nothing.
CREATE TABLE checklist_items (
    id UUID PRIMARY KEY,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    template_id UUID NOT NULL REFERENCES checklist_templates (id),
    template_version BIGINT NOT NULL,
    asset_id UUID REFERENCES assets (id),
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    required BOOLEAN NOT NULL,
    required_on TEXT NOT NULL,
    choices TEXT NOT NULL,
    answer TEXT,
    answered_by UUID REFERENCES users (id),
    answered_at TIMESTAMPTZ,
    recorded_at TIMESTAMPTZ
);
CREATE INDEX checklist_items_ticket_idx ON checklist_items (ticket_id, position);

CREATE TABLE time_entries (
    id UUID PRIMARY KEY,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    user_id UUID NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    minutes BIGINT NOT NULL CONSTRAINT time_entries_minutes_check CHECK (minutes BETWEEN 1 AND 1440),
    note TEXT,
    visible_to_client BOOLEAN NOT NULL,
    recorded_by UUID NOT NULL REFERENCES users (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);
CREATE INDEX time_entries_ticket_idx ON time_entries (ticket_id);
CREATE INDEX time_entries_user_idx ON time_entries (user_id, started_at);

CREATE TABLE comments (
    id UUID PRIMARY KEY,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    author_id UUID NOT NULL REFERENCES users (id),
    visibility TEXT NOT NULL,
    text TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX comments_ticket_idx ON comments (ticket_id, recorded_at, id);

-- The bytes lie in the files folder (or bucket) under their hash.
CREATE TABLE attachments (
    id UUID PRIMARY KEY,
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    author_id UUID NOT NULL REFERENCES users (id),
    visibility TEXT NOT NULL,
    file_sha256 BYTEA NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    width INTEGER,
    height INTEGER,
    recorded_at TIMESTAMPTZ NOT NULL,
    archived_at TIMESTAMPTZ
);
CREATE INDEX attachments_ticket_idx ON attachments (ticket_id, recorded_at, id);
