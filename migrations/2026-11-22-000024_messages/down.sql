ALTER TABLE signatures DROP COLUMN code_id;
DROP TABLE signing_code_tries;
DROP TABLE signing_codes;
ALTER TABLE agreements DROP COLUMN signing_code_required;
ALTER TABLE act_links DROP COLUMN copy_to;
ALTER TABLE act_links DROP COLUMN email;
ALTER TABLE act_links DROP COLUMN send_by;
DROP TABLE messages;
