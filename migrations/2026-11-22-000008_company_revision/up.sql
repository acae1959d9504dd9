-- Counts the changes of what every device of the company is shown with: its sites and agreements. A scan reads it with
-- the company's name, and so knows whether what the program remembers of them still holds.
ALTER TABLE companies ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
