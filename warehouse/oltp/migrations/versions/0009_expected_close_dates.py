"""when deals were expected to close"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from warehouse.oltp.types import Id, Moment

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "opportunity_close_date_changes"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        NAME,
        sa.Column("opportunity_id", Id(), nullable=False),
        sa.Column("expected_before", sa.Date(), nullable=True),
        sa.Column("expected_after", sa.Date(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_at_assumed", sa.Boolean(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("change_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "opportunity_id"],
            ["opportunities.organization_id", "opportunities.id"],
            name=op.f(f"fk_{NAME}_organization_id_opportunity_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f(f"fk_{NAME}_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
    )
    for column in ("change_seq", "opportunity_id", "organization_id"):
        op.create_index(op.f(f"ix_{NAME}_{column}"), NAME, [column])


def downgrade() -> None:
    """Take it back."""
    op.drop_table(NAME)
