-- When a key got into other hands, as far as anybody knows: what bears its seal and is in no record of ours is nothing of ours.
ALTER TABLE seals ADD COLUMN revoked_at TIMESTAMPTZ;
