"""Decision tables: read, check, evaluate one case, compile to SQL. One table, two carriers."""
