-- How our side is taxed, from which day on. Before the first of these days, and where there are none, the organisation's own
-- setting holds.
CREATE TABLE tax_regimes (
    id UUID PRIMARY KEY,
    valid_from DATE NOT NULL,
    country TEXT NOT NULL CHECK (length(country) = 2),
    vat_mode TEXT NOT NULL CHECK (vat_mode IN ('included', 'on_top', 'not_payer')),
    vat_rate TEXT NOT NULL,
    rounding TEXT NOT NULL CHECK (rounding IN ('line', 'rate_group')),
    note TEXT,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
-- One regime begins on a day.
CREATE UNIQUE INDEX tax_regimes_valid_from_key ON tax_regimes (valid_from) WHERE archived_at IS NULL;
