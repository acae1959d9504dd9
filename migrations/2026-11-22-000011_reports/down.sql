ALTER TABLE companies DROP COLUMN reports_at_once_by;
ALTER TABLE companies DROP COLUMN reports_at_once;
ALTER TABLE companies DROP COLUMN report_type_id;
ALTER TABLE provider DROP COLUMN report_type_id;
DROP TABLE report_marks;
DROP TABLE report_echoes;
DROP TABLE report_photos;
DROP TABLE reports;
