"""Run by Alembic: applies the migrations on the connection that `database.migrate` holds."""

from alembic import context

from convqa.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
