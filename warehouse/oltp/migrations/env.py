"""Alembic's environment: the schema is the SQLAlchemy metadata, the connection is handed in."""

from alembic import context
from alembic.autogenerate.render import _repr_type
from sqlalchemy import Enum

from warehouse.oltp.base import Base
from warehouse.oltp.projection import ROOMS
from warehouse.oltp.sealed import Sealed
from warehouse.oltp.types import Exact, Id, Moment
from warehouse.oltp.veil import Veiled

assert ROOMS, "the metadata is complete only when every room is imported"


def render(kind: str, thing: object, autogen: object) -> str | bool:
    """Our column types by name, so that a migration stores the same on both engines; a veil is not stored."""
    if kind == "type" and isinstance(thing, Veiled):
        return render(kind, thing.kind, autogen) or _repr_type(thing.kind, autogen)  # type: ignore[arg-type]
    if kind == "type" and isinstance(thing, Id | Exact | Moment):
        autogen.imports.add("from warehouse.oltp.types import Id, Moment, Money, Rate")  # type: ignore[attr-defined]
        return f"{type(thing).__name__}()"
    if kind == "type" and isinstance(thing, Sealed):
        return "sa.Text()"
    if kind == "type" and isinstance(thing, Enum):
        return f"sa.String(length={thing.length})"  # a new value is no migration
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render,
    compare_type=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
