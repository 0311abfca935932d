"""The steps that bring a store of an older schema to today's, run by alembic."""
