"""numbers that organizations made of governed ones"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from warehouse.oltp.types import Id, Moment

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "defined_metrics"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        NAME,
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("earlier", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f(f"fk_{NAME}_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("organization_id", "id", name=op.f(f"uq_{NAME}_organization_id_id")),
        sa.UniqueConstraint("organization_id", "name", name=op.f(f"uq_{NAME}_organization_id_name")),
    )
    op.create_index(op.f(f"ix_{NAME}_organization_id"), NAME, ["organization_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table(NAME)
