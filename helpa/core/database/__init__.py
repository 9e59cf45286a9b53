"""The database: schema, connections, and the statements on each table."""
