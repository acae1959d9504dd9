-- How often a job was begun: one that ends the program each time must not do so for ever.
ALTER TABLE label_jobs ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
