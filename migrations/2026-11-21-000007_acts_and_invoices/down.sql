DROP TABLE invoice_lines;
DROP TABLE invoices;
DROP TABLE signatures;
DROP TABLE act_lines;
DROP TABLE acts;
DROP TABLE work_lines;
