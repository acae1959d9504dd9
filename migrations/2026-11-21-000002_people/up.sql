-- Our own side: the organisation that maintains. One row.
CREATE TABLE provider (
    id INTEGER PRIMARY KEY CONSTRAINT provider_id_check CHECK (id = 1),
    legal_name TEXT NOT NULL,
    tax_id TEXT,
    tax_code TEXT,
    address TEXT,
    phone TEXT,
    email TEXT,
    language TEXT NOT NULL,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    vat_mode TEXT NOT NULL,
    vat_rate TEXT NOT NULL,
    bank_name TEXT,
    bank_bic TEXT,
    bank_account TEXT,
    bank_correspondent_account TEXT,
    director_name TEXT,
    director_position TEXT,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE companies (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    legal_name TEXT,
    tax_id TEXT,
    tax_code TEXT,
    address TEXT,
    phone TEXT,
    email TEXT,
    category TEXT,
    language TEXT,
    search_text TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX companies_created_idx ON companies (created_at DESC, id DESC);

CREATE TABLE users (
    id UUID PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    company_id UUID REFERENCES companies (id),
    phone TEXT,
    email TEXT,
    language TEXT,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT users_company_check CHECK ((role = 'client') = (company_id IS NOT NULL))
);
CREATE INDEX users_created_idx ON users (created_at DESC, id DESC);

CREATE TABLE teams (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE team_members (
    team_id UUID NOT NULL REFERENCES teams (id),
    user_id UUID NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user_idx ON team_members (user_id);

-- A login on one device. Its refresh tokens form a line of generations; only the head may be used, or its parent while
-- nothing that came with the head was ever seen (the answer got lost).
CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    device_id TEXT,
    device_name TEXT,
    platform TEXT,
    app_version TEXT,
    ip TEXT,
    user_agent TEXT,
    head BIGINT NOT NULL,
    head_parent BIGINT,
    head_seen BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    refreshed_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_because TEXT
);
CREATE INDEX sessions_user_idx ON sessions (user_id, created_at DESC);

CREATE TABLE refresh_tokens (
    hash BYTEA PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES sessions (id),
    generation BIGINT NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session_id);

-- What tokens are signed with, shared by all instances. One row for each purpose's root.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
