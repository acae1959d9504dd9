-- An upload that is begun anew is another one: its pieces lie in a folder of their own, and whatever somebody still does with
-- the one before leaves them alone. Those that are under way keep the folder they have.
ALTER TABLE uploads ADD COLUMN generation UUID;
UPDATE uploads SET generation = attachment_id;
ALTER TABLE uploads ALTER COLUMN generation SET NOT NULL;
-- How often it was begun to look at the bytes: a file that ends the program each time must not do so for ever.
ALTER TABLE uploads ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
