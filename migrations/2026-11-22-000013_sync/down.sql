DROP INDEX code_claims_user_idx;
DROP TABLE sync_issues;
DROP TABLE status_changes;
DROP TABLE sync_given;
DROP TABLE sync_state;
DROP TABLE sync_changes;
