DROP TABLE audit_roots;
DROP TABLE audit_nodes;
DROP TABLE installation;
