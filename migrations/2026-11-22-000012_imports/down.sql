DROP TABLE import_rows;
DROP TABLE imports;
DROP INDEX assets_external_idx;
ALTER TABLE assets DROP COLUMN external_number;
