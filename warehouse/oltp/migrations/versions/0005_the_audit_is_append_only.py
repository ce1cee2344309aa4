"""the audit is append-only; notices"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from warehouse.oltp.types import Id, Moment

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFUSED = (
    "The audit is append-only: its rows are never changed or removed. "
    "Only the certified deletion of a whole organization removes its chain."
)
ENDED = "This organization was deleted under a certificate; its audit takes no more rows."
NO_END = "A certificate of deletion must name the last row of the organization''s audit, and there can be only one."

_RELEASED = "exists (select 1 from audit_releases where organization_id = {row}.organization_id)"
_NAMES_THE_END = (
    "exists (select 1 from audit_events where organization_id = new.organization_id and position = new.last_position "
    "and hash = new.last_hash) and not exists (select 1 from audit_events where "
    "organization_id = new.organization_id and position > new.last_position)"
)

SQLITE = {
    "audit_events_keep": ("update on audit_events", "1", REFUSED),
    "audit_events_stay": ("delete on audit_events", f"not {_RELEASED.format(row='old')}", REFUSED),
    # `insert or replace` removes a row without asking the trigger above.
    "audit_events_replace": (
        "insert on audit_events",
        "exists (select 1 from audit_events where id = new.id) or exists (select 1 from audit_events "
        "where organization_id = new.organization_id and position = new.position)",
        REFUSED,
    ),
    "audit_events_end": ("insert on audit_events", _RELEASED.format(row="new"), ENDED),
    "audit_releases_keep": ("update on audit_releases", "1", REFUSED),
    "audit_releases_stay": ("delete on audit_releases", "1", REFUSED),
    "audit_releases_end": (
        "insert on audit_releases",
        f"not ({_NAMES_THE_END}) or {_RELEASED.format(row='new')}",
        NO_END,
    ),
}

_FUNCTION = """
create function {name}() returns trigger language plpgsql as $$ begin
    {body}
end $$
"""
_REFUSE = "raise exception '{text}' using errcode = 'integrity_constraint_violation';"
POSTGRESQL_FUNCTIONS = {
    "audit_refused": _REFUSE.format(text=REFUSED),
    "audit_events_kept": f"""
    if tg_op = 'DELETE' then
        if {_RELEASED.format(row="old")} then return old; end if;
        {_REFUSE.format(text=REFUSED)}
    end if;
    if {_RELEASED.format(row="new")} then {_REFUSE.format(text=ENDED)} end if;
    return new;""",
    "audit_releases_named": f"""
    if not ({_NAMES_THE_END}) then {_REFUSE.format(text=NO_END)} end if;
    return new;""",
}
POSTGRESQL_TRIGGERS = {
    "audit_events_keep": "before update on audit_events for each row execute function audit_refused()",
    "audit_events_stay": "before insert or delete on audit_events for each row execute function audit_events_kept()",
    "audit_events_whole": "before truncate on audit_events for each statement execute function audit_refused()",
    "audit_releases_keep": "before update or delete on audit_releases for each row execute function audit_refused()",
    "audit_releases_end": "before insert on audit_releases for each row execute function audit_releases_named()",
    "audit_releases_whole": "before truncate on audit_releases for each statement execute function audit_refused()",
}


def upgrade() -> None:
    op.create_table(
        "audit_releases",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("released_at", Moment(), nullable=False),
        sa.Column("certificate_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(certificate_hash) = 64", name=op.f("ck_audit_releases_certificate_is_a_digest")),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_audit_releases")),
    )
    op.create_table(
        "notices",
        sa.Column("membership_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("audit_event_id", Id(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.Column("mailed_at", Moment(), nullable=True),
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_notices_organization_id")),
        sa.ForeignKeyConstraint(
            ["organization_id", "membership_id"],
            ["memberships.organization_id", "memberships.id"],
            name=op.f("fk_notices_organization_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    for columns in (["organization_id"], ["organization_id", "kind", "subject"], ["membership_id", "read_at"]):
        op.create_index(op.f(f"ix_notices_{'_'.join(columns)}"), "notices", columns)
    op.create_index(op.f("ix_notices_mailed_at"), "notices", ["mailed_at"])
    op.create_index(
        op.f("ix_audit_events_organization_id_happened_at"), "audit_events", ["organization_id", "happened_at"]
    )
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, (moment, when, text) in SQLITE.items():
            op.execute(f"create trigger {name} before {moment} when {when} begin select raise(abort, '{text}'); end")
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        op.execute(_FUNCTION.format(name=name, body=body))
    for name, moment in POSTGRESQL_TRIGGERS.items():
        op.execute(f"create trigger {name} {moment}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in SQLITE:
            op.execute(f"drop trigger {name}")
    else:
        for name, moment in POSTGRESQL_TRIGGERS.items():
            op.execute(f"drop trigger {name} on {moment.split(' on ')[1].split()[0]}")
        for name in POSTGRESQL_FUNCTIONS:
            op.execute(f"drop function {name}()")
    op.drop_index(op.f("ix_audit_events_organization_id_happened_at"), "audit_events")
    op.drop_table("notices")
    op.drop_table("audit_releases")
