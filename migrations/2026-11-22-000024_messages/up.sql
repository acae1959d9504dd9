-- Mail that goes out: a row is written with what it tells of, and a step in the background sends it.
CREATE TABLE messages (
    id UUID PRIMARY KEY,
    -- signature_link, signing_code, signed_act
    kind TEXT NOT NULL,
    -- queued, sending, sent, failed
    state TEXT NOT NULL,
    -- What it is about, in a few letters: nobody is written to twice about the same.
    occasion TEXT NOT NULL UNIQUE,
    act_id UUID NOT NULL REFERENCES acts (id),
    link_id UUID REFERENCES act_links (id),
    company_id UUID NOT NULL REFERENCES companies (id),
    recipient TEXT NOT NULL,
    recipient_name TEXT,
    language TEXT NOT NULL,
    -- What opens the link, or the code, locked with a key of the installation's; nothing once it was sent or is of no use.
    secret BYTEA,
    tries BIGINT NOT NULL,
    next_try_at TIMESTAMPTZ NOT NULL,
    -- Who sends it, and until when nobody else does.
    sender UUID,
    leased_until TIMESTAMPTZ,
    expires_at TIMESTAMPTZ NOT NULL,
    failure TEXT,
    failure_detail TEXT,
    sent_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX messages_due_idx ON messages (state, next_try_at);
CREATE INDEX messages_created_idx ON messages (created_at DESC, id DESC);
CREATE INDEX messages_act_idx ON messages (act_id, created_at DESC, id DESC);
CREATE INDEX messages_company_idx ON messages (company_id, created_at DESC, id DESC);
CREATE INDEX messages_link_idx ON messages (link_id);

-- device, email, sms: how whoever is to sign gets the link.
ALTER TABLE act_links ADD COLUMN send_by TEXT NOT NULL DEFAULT 'device';
-- Where codes, and the signed copy, go; and where whoever signed asked for the copy.
ALTER TABLE act_links ADD COLUMN email TEXT;
ALTER TABLE act_links ADD COLUMN copy_to TEXT;

-- Whether nobody signs by a link without a code that was sent to them.
ALTER TABLE agreements ADD COLUMN signing_code_required BOOLEAN NOT NULL DEFAULT FALSE;

-- Codes that were sent to whoever is to sign by a link. Only a keyed hash of each is here.
CREATE TABLE signing_codes (
    id UUID PRIMARY KEY,
    act_id UUID NOT NULL REFERENCES acts (id),
    link_id UUID NOT NULL REFERENCES act_links (id),
    address TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    tries BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX signing_codes_link_idx ON signing_codes (link_id, created_at);
CREATE INDEX signing_codes_address_idx ON signing_codes (address, created_at);

-- How often codes were tried, whichever they were: for each act, for each link. Addresses have a row to take turns at.
CREATE TABLE signing_code_tries (
    subject UUID PRIMARY KEY,
    tries BIGINT NOT NULL
);

-- The code that confirmed a decision.
ALTER TABLE signatures ADD COLUMN code_id UUID;
