"""The encrypted database: its connection, schema, migrations and checks."""
