"""connections to outside systems"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from warehouse.oltp.types import Id, Moment

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _owned(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f(f"fk_{table}_organization_id"))


def _of_connection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "connection_id"],
        ["connections.organization_id", "connections.id"],
        name=op.f(f"fk_{table}_organization_id_connection_id"),
    )


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "connections",
        sa.Column("vendor", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("things", sa.JSON(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("made_since", sa.Date(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("tried_at", Moment(), nullable=True),
        sa.Column("whole_at", Moment(), nullable=True),
        sa.Column("earlier", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        _owned("connections"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_connections_organization_id_id")),
    )
    op.create_table(
        "connection_syncs",
        sa.Column("connection_id", Id(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        _owned("connection_syncs"),
        _of_connection("connection_syncs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_syncs")),
    )
    op.create_table(
        "external_identities",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("connection_id", Id(), nullable=False),
        sa.Column("thing", sa.String(length=60), nullable=False),
        sa.Column("record_id", sa.String(length=255), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        _owned("external_identities"),
        _of_connection("external_identities"),
        sa.PrimaryKeyConstraint(
            "organization_id", "connection_id", "thing", "record_id", name=op.f("pk_external_identities")
        ),
    )
    op.create_table(
        "undeclared_fields",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("connection_id", Id(), nullable=False),
        sa.Column("thing", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("samples", sa.JSON(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("last_seen_at", Moment(), nullable=False),
        sa.Column("samples_until", Moment(), nullable=False),
        _owned("undeclared_fields"),
        _of_connection("undeclared_fields"),
        sa.PrimaryKeyConstraint(
            "organization_id", "connection_id", "thing", "digest", name=op.f("pk_undeclared_fields")
        ),
    )
    for table, columns in INDEXES:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)


INDEXES = (
    ("connections", ["organization_id"]),
    ("connection_syncs", ["organization_id"]),
    ("connection_syncs", ["connection_id", "started_at"]),
    ("undeclared_fields", ["samples_until"]),
)


def downgrade() -> None:
    """Take it back."""
    for table in ("undeclared_fields", "external_identities", "connection_syncs", "connections"):
        op.drop_table(table)
