DROP TABLE scans;
DROP TABLE codes;
DROP TABLE assets;
