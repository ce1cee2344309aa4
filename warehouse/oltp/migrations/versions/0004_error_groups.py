"""unforeseen failures, grouped"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from warehouse.oltp.types import Moment

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "error_groups",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("release", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("last_request_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_error_groups")),
    )
    with op.batch_alter_table("error_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_error_groups_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_error_groups_last_at"), ["last_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("error_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_error_groups_last_at"))
        batch_op.drop_index(batch_op.f("ix_error_groups_fingerprint"))

    op.drop_table("error_groups")
