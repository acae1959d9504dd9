DROP INDEX acts_signed_document_idx;
DROP INDEX acts_document_idx;
DROP INDEX acts_verification_code_key;
ALTER TABLE acts DROP COLUMN verification_code;
DROP TABLE sealed_copies;
DROP TABLE seals;
