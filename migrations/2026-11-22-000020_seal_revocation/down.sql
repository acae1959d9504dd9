ALTER TABLE seals DROP COLUMN revoked_at;
