ALTER TABLE uploads DROP COLUMN generation;
