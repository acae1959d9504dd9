DROP TABLE reserved_numbers;
ALTER TABLE signatures DROP COLUMN shown_as;
ALTER TABLE signatures DROP COLUMN shown_sha256;
ALTER TABLE acts DROP COLUMN shown_at;
ALTER TABLE acts DROP COLUMN shown_as;
ALTER TABLE acts DROP COLUMN shown_sha256;
ALTER TABLE acts DROP COLUMN shown_text;
