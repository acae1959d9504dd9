DROP TABLE agreement_covers;
DROP TABLE agreements;
DROP TABLE price_items;
DROP TABLE price_lists;
DROP TABLE contacts;
DROP TABLE sites;
