"""The steps of the schema, for both engines (Alembic)."""
