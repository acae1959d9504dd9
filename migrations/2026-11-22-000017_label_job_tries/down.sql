ALTER TABLE label_jobs DROP COLUMN tries;
