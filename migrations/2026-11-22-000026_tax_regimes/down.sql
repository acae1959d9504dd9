DROP TABLE tax_regimes;
