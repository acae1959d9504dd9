ALTER TABLE companies DROP COLUMN revision;
