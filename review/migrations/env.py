"""What alembic runs: the steps, in the transaction that ``database.open_database`` has begun."""

from alembic import context

from qosmatin.review.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
