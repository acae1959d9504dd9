DROP TABLE phrases;
ALTER TABLE acts DROP COLUMN told_number;
DROP INDEX reserved_numbers_block_idx;
DELETE FROM reserved_numbers WHERE ticket_id IS NULL;
ALTER TABLE reserved_numbers ALTER COLUMN company_id SET NOT NULL;
ALTER TABLE reserved_numbers ALTER COLUMN ticket_id SET NOT NULL;
