DROP TABLE attachments;
DROP TABLE comments;
DROP TABLE time_entries;
DROP TABLE checklist_items;
DROP TABLE ticket_assets;
DROP TABLE tickets;
