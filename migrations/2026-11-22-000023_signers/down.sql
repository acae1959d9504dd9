DROP TABLE act_absences;
DROP TABLE act_terms;
ALTER TABLE agreements DROP COLUMN deemed_acceptance_clause;
ALTER TABLE agreements DROP COLUMN deemed_accepted_after_days;
ALTER TABLE signatures DROP COLUMN power_of_attorney;
ALTER TABLE contacts DROP COLUMN power_of_attorney;
DROP TABLE signing_rules;
