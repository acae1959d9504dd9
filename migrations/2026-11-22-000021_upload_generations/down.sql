ALTER TABLE uploads DROP COLUMN tries;
ALTER TABLE uploads DROP COLUMN generation;
