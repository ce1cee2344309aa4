"""alerts, scheduled reports, and how members want to be told"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from warehouse.oltp.types import Id, Moment

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("organization_settings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quiet_from", sa.String(length=5), nullable=True))
        batch_op.add_column(sa.Column("quiet_until", sa.String(length=5), nullable=True))
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("files", sa.Text(), nullable=True))
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=20), server_default="security", nullable=False))
        batch_op.add_column(sa.Column("channels", sa.JSON(), server_default='["mail"]', nullable=False))
        batch_op.add_column(sa.Column("due_at", Moment(), nullable=True))
        batch_op.alter_column("audit_event_id", existing_type=Id(), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_notices_organization_id_id"), ["organization_id", "id"])
    _alerts()
    _telling()


def _alerts() -> None:
    _table(
        "alerts",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("membership_id", Id(), nullable=False),
        sa.Column("on_duty_id", Id(), nullable=True),
        sa.Column("escalate_minutes", sa.Integer(), nullable=True),
        sa.Column("cooldown_minutes", sa.Integer(), nullable=False),
        *_versions(),
        sa.Column("paused_at", Moment(), nullable=True),
        sa.Column("paused_because", sa.Text(), nullable=True),
        sa.Column("standing", sa.String(length=40), nullable=False),
        sa.Column("fired_at", Moment(), nullable=True),
        sa.Column("resolved_at", Moment(), nullable=True),
        sa.Column("escalated_at", Moment(), nullable=True),
        sa.Column("snoozed_until", Moment(), nullable=True),
        sa.Column("checked_at", Moment(), nullable=True),
        sa.Column("checked_build", sa.String(length=40), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_version", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("earlier", sa.JSON(), nullable=False),
        _within("alerts", "membership_id", "memberships"),
        _within("alerts", "on_duty_id", "memberships"),
        indexes=(("membership_id",), ("standing",)),
        owned=True,
    )
    _table(
        "alert_events",
        sa.Column("alert_id", Id(), nullable=False),
        sa.Column("happened", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("membership_id", Id(), nullable=True),
        sa.Column("value", sa.String(length=60), nullable=True),
        sa.Column("bound", sa.String(length=60), nullable=True),
        sa.Column("receipt", sa.String(length=64), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        _within("alert_events", "alert_id", "alerts"),
        _within("alert_events", "membership_id", "memberships"),
        indexes=(("alert_id", "at"),),
        owned=True,
    )
    _table(
        "report_schedules",
        sa.Column("dashboard_id", Id(), nullable=False),
        sa.Column("membership_id", Id(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("every", sa.String(length=10), nullable=False),
        sa.Column("on_day", sa.Integer(), nullable=False),
        sa.Column("at_hour", sa.Integer(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        *_versions(),
        _within("report_schedules", "dashboard_id", "saved_dashboards"),
        _within("report_schedules", "membership_id", "memberships"),
        indexes=(("dashboard_id",), ("next_at",)),
        owned=True,
    )


def _telling() -> None:
    op.create_table(
        "notification_choices",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("membership_id", Id(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("hook_form", sa.String(length=10), nullable=True),
        sa.Column("hook_address", sa.Text(), nullable=True),
        sa.Column("hook_secret", sa.Text(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        _within("notification_choices", "membership_id", "memberships"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_notification_choices_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "membership_id", name=op.f("pk_notification_choices")),
    )
    _table(
        "hook_calls",
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("failed_at", Moment(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        _within("hook_calls", "notice_id", "notices"),
        indexes=(("notice_id",), ("next_attempt_at",)),
    )


def _versions() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
    ]


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", column],
        [f"{target}.organization_id", f"{target}.id"],
        name=op.f(f"fk_{table}_organization_id_{column}"),
    )


def _table(
    name: str,
    *parts: sa.Column[object] | sa.Constraint,
    indexes: tuple[tuple[str, ...], ...] = (),
    owned: bool = False,
) -> None:
    """A table of one organization's rows, each with an id of its own."""
    pair = [sa.UniqueConstraint("organization_id", "id", name=op.f(f"uq_{name}_organization_id_id"))]
    op.create_table(
        name,
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f(f"fk_{name}_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(pair if owned else []),
    )
    for columns in (("organization_id",), *indexes):
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name, list(columns))


def downgrade() -> None:
    """Take it back."""
    for name in ("hook_calls", "notification_choices", "report_schedules", "alert_events", "alerts"):
        op.drop_table(name)
    # What is of another topic speaks of rows that are gone.
    op.execute("delete from notices where topic <> 'security'")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_notices_organization_id_id"), type_="unique")
        batch_op.alter_column("audit_event_id", existing_type=Id(), nullable=False)
        for column in ("due_at", "channels", "topic"):
            batch_op.drop_column(column)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("files")
    with op.batch_alter_table("organization_settings", schema=None) as batch_op:
        batch_op.drop_column("quiet_until")
        batch_op.drop_column("quiet_from")
