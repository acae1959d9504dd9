CREATE TABLE assets (
    id UUID PRIMARY KEY,
    company_id UUID NOT NULL REFERENCES companies (id),
    site_id UUID REFERENCES sites (id),
    parent_id UUID REFERENCES assets (id),
    name TEXT NOT NULL,
    kind TEXT,
    manufacturer TEXT,
    model TEXT,
    serial_number TEXT,
    inventory_number TEXT,
    warranty_until DATE,
    attributes TEXT NOT NULL,
    search_text TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX assets_company_idx ON assets (company_id, created_at DESC, id DESC);
CREATE INDEX assets_site_idx ON assets (site_id, created_at DESC, id DESC);
CREATE INDEX assets_parent_idx ON assets (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX assets_created_idx ON assets (created_at DESC, id DESC);
CREATE INDEX assets_inventory_idx ON assets (inventory_number) WHERE inventory_number IS NOT NULL;
CREATE INDEX assets_serial_idx ON assets (serial_number) WHERE serial_number IS NOT NULL;

-- The short text in a label. Never reused, never removed: paper lives for years.
CREATE TABLE codes (
    code TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    asset_id UUID REFERENCES assets (id),
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX codes_asset_idx ON codes (asset_id) WHERE asset_id IS NOT NULL;
-- One label at a time is the asset's own.
CREATE UNIQUE INDEX codes_active_asset_id_key ON codes (asset_id) WHERE state = 'active';

CREATE TABLE scans (
    id UUID PRIMARY KEY,
    asset_id UUID NOT NULL REFERENCES assets (id),
    user_id UUID NOT NULL REFERENCES users (id),
    ticket_id UUID,
    code TEXT NOT NULL,
    scanned_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION
);
CREATE INDEX scans_asset_idx ON scans (asset_id, recorded_at DESC, id DESC);
CREATE INDEX scans_ticket_idx ON scans (ticket_id, asset_id) WHERE ticket_id IS NOT NULL;
