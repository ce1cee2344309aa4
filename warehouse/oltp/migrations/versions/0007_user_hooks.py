"""user hooks"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from warehouse.oltp.types import Id, Moment

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "hook_secrets",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former", sa.Text(), nullable=True),
        sa.Column("former_until", Moment(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("made_by", Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_hook_secrets_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_hook_secrets")),
    )
    op.create_table(
        "hook_deliveries",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_hook_deliveries_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "digest", name=op.f("pk_hook_deliveries")),
    )


def downgrade() -> None:
    op.drop_table("hook_deliveries")
    op.drop_table("hook_secrets")
