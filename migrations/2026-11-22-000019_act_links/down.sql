DROP INDEX signatures_link_idx;
ALTER TABLE signatures DROP COLUMN consent;
ALTER TABLE signatures DROP COLUMN link_id;
DROP TABLE act_links;
