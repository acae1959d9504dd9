-- Numbers of acts are promised to a phone as well, before there is a ticket for them.
ALTER TABLE reserved_numbers ALTER COLUMN ticket_id DROP NOT NULL;
ALTER TABLE reserved_numbers ALTER COLUMN company_id DROP NOT NULL;
CREATE INDEX reserved_numbers_block_idx ON reserved_numbers (reserved_by) WHERE ticket_id IS NULL AND voided_at IS NULL;

-- The number that a phone without a network told the people who read: the act's own, unless it came too late for it.
ALTER TABLE acts ADD COLUMN told_number TEXT;
