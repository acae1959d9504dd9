DROP TABLE label_prints;
DROP TABLE label_jobs;
DROP TABLE printers;
