DROP TABLE upload_pieces;
DROP TABLE uploads;
ALTER TABLE attachments DROP COLUMN large_sha256;
ALTER TABLE attachments DROP COLUMN small_sha256;
ALTER TABLE attachments DROP COLUMN camera_lon;
ALTER TABLE attachments DROP COLUMN camera_lat;
ALTER TABLE attachments DROP COLUMN camera_taken_at;
ALTER TABLE attachments DROP COLUMN original_size;
ALTER TABLE attachments DROP COLUMN original_sha256;
ALTER TABLE attachments DROP COLUMN accuracy_m;
ALTER TABLE attachments DROP COLUMN lon;
ALTER TABLE attachments DROP COLUMN lat;
ALTER TABLE attachments DROP COLUMN occurred_at;
ALTER TABLE attachments DROP COLUMN checklist_item_id;
ALTER TABLE attachments DROP COLUMN rejection;
ALTER TABLE attachments DROP COLUMN status;
-- What never came is nothing that the step before knows.
DELETE FROM attachments WHERE file_sha256 IS NULL;
ALTER TABLE attachments ALTER COLUMN file_sha256 SET NOT NULL;
