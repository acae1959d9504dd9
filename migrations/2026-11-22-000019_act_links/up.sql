-- Links by which somebody without a login reads one act and signs it. What opens one is kept nowhere, only its hash.
CREATE TABLE act_links (
    id UUID PRIMARY KEY,
    act_id UUID NOT NULL REFERENCES acts (id),
    -- Who is to sign; null for whoever is there.
    contact_id UUID REFERENCES contacts (id),
    token_hash BYTEA NOT NULL UNIQUE,
    expires_at TIMESTAMPTZ NOT NULL,
    -- When it was first looked at.
    viewed_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    revoked_by UUID REFERENCES users (id),
    created_by UUID NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX act_links_act_idx ON act_links (act_id, created_at);

-- The link a decision came by, and the sentence the signer agreed to; null for decisions on a device of ours.
ALTER TABLE signatures ADD COLUMN link_id UUID;
ALTER TABLE signatures ADD COLUMN consent TEXT;
CREATE INDEX signatures_link_idx ON signatures (link_id);
