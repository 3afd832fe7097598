"""PostgreSQL: typed tables, queries as functions, migrations."""
