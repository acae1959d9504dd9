DROP TABLE workflow;
DROP TABLE transitions;
DROP TABLE statuses;
DROP TABLE ticket_type_checklists;
DROP TABLE ticket_types;
DROP TABLE checklist_template_items;
DROP TABLE checklist_templates;
