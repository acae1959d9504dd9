-- Numbers of acts are promised to a phone as well, before there is a ticket for them.
ALTER TABLE reserved_numbers ALTER COLUMN ticket_id DROP NOT NULL;
ALTER TABLE reserved_numbers ALTER COLUMN company_id DROP NOT NULL;
CREATE INDEX reserved_numbers_block_idx ON reserved_numbers (reserved_by) WHERE ticket_id IS NULL AND voided_at IS NULL;

-- The number that a phone without a network told the people who read: the act's own, unless it came too late for it.
ALTER TABLE acts ADD COLUMN told_number TEXT;

-- What signers read beside the facts of an act: words of ours, and phrases that the print forms set. Phones hold them.
CREATE TABLE phrases (
    language TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    -- Grows with every change of the text.
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (language, name)
);

-- Late work waits until somebody who directs the work has looked at it.
ALTER TABLE sync_issues ADD COLUMN looked_at TIMESTAMPTZ;
ALTER TABLE sync_issues ADD COLUMN looked_by UUID;
CREATE INDEX sync_issues_late_idx ON sync_issues (ticket_id) WHERE status = 'quarantined' AND looked_at IS NULL;

-- When a ticket was taken away, from which on it lingers on phones; and when a phone was told, before which work is taken.
ALTER TABLE sync_given ADD COLUMN went_at TIMESTAMPTZ;
ALTER TABLE sync_given ADD COLUMN told_at TIMESTAMPTZ;
UPDATE sync_given SET told_at = changed_at WHERE access = 'read_only' AND until_seq IS NULL;
