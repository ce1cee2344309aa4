"""Brings an operational store to the schema of this version."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from warehouse.oltp.base import Base
from warehouse.oltp.engine import engine, told_when_unreachable
from warehouse.oltp.scope import hold_rows
from warehouse.settings import settings


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade() -> bool:
    """Run the migrations that are missing; whether there were any. Raises StoreUnreachable."""
    current = settings()
    if current.database_url is None:
        current.home.mkdir(parents=True, exist_ok=True)
    config = _config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with told_when_unreachable(), engine().execution_options(writes=True).connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return False
        _know_every_room()
        config.attributes["connection"] = connection
        _as_installation(connection)
        command.upgrade(config, "head")
        if connection.dialect.name == "postgresql":
            hold_rows(connection)
        connection.commit()
    return True


def _know_every_room() -> None:
    """The metadata is complete only when every room is imported: half a second that most starts need not wait for."""
    import warehouse.oltp.projection  # noqa: F401


def _as_installation(connection: Connection) -> None:
    """Row-level security holds for the tables' owner too; a migration moves everybody's rows."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select set_config('longhouse.installation', 'on', true)"))


def differences() -> list[Any]:
    """What the store's schema and the metadata disagree about; empty when the migrations are complete."""
    _know_every_room()
    with engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, Base.metadata))


def new_migration(message: str) -> None:
    """Write a migration for what the metadata has and the store lacks."""
    _know_every_room()
    config = _config()
    with engine().connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=f"{len(list(_versions())) + 1:04d}")


def _versions() -> list[Path]:
    return sorted((Path(__file__).parent / "migrations" / "versions").glob("*.py"))
