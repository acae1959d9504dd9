-- What a phone without a network showed in the place of a document that was yet to be printed: the very text, its hash, and
-- whether it says what was frozen.
ALTER TABLE acts ADD COLUMN shown_text TEXT;
ALTER TABLE acts ADD COLUMN shown_sha256 BYTEA;
ALTER TABLE acts ADD COLUMN shown_as TEXT;
ALTER TABLE acts ADD COLUMN shown_at TIMESTAMPTZ;

-- What a signer was shown in the place of the document; nothing when it was the document itself.
ALTER TABLE signatures ADD COLUMN shown_sha256 BYTEA;
ALTER TABLE signatures ADD COLUMN shown_as TEXT;
