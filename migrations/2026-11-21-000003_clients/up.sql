CREATE TABLE sites (
    id UUID PRIMARY KEY,
    company_id UUID NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    address TEXT,
    time_zone TEXT NOT NULL,
    search_text TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sites_company_idx ON sites (company_id, created_at DESC, id DESC);
CREATE INDEX sites_created_idx ON sites (created_at DESC, id DESC);

CREATE TABLE contacts (
    id UUID PRIMARY KEY,
    company_id UUID NOT NULL REFERENCES companies (id),
    site_id UUID REFERENCES sites (id),
    user_id UUID UNIQUE REFERENCES users (id),
    name TEXT NOT NULL,
    position TEXT,
    phone TEXT,
    email TEXT,
    signing_authority TEXT NOT NULL,
    search_text TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX contacts_company_idx ON contacts (company_id, created_at DESC, id DESC);
CREATE INDEX contacts_created_idx ON contacts (created_at DESC, id DESC);

CREATE TABLE price_lists (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE price_items (
    id UUID PRIMARY KEY,
    price_list_id UUID NOT NULL REFERENCES price_lists (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    price BIGINT NOT NULL,
    search_text TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (price_list_id, code)
);

CREATE TABLE agreements (
    id UUID PRIMARY KEY,
    company_id UUID NOT NULL REFERENCES companies (id),
    number TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    -- Which of its lists below restrict it. An agreement without restrictions covers all of the company.
    by_asset BOOLEAN NOT NULL,
    by_ticket_type BOOLEAN NOT NULL,
    by_price_item BOOLEAN NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (company_id, number)
);

CREATE TABLE agreement_covers (
    agreement_id UUID NOT NULL REFERENCES agreements (id),
    kind TEXT NOT NULL,
    target_id UUID NOT NULL,
    PRIMARY KEY (agreement_id, kind, target_id)
);
CREATE INDEX agreement_covers_target_idx ON agreement_covers (target_id);
