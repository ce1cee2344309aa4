"""What a session of the operational store may see: one organization's rows, or the installation's.

Queries name the organization themselves. This stands behind them: a filter somebody forgot shows nothing foreign.
SQLAlchemy adds it to every statement over mapped classes on both engines; PostgreSQL holds it once more, for whatever
reaches it, by row-level security.
"""

from typing import Any, Final

from sqlalchemy import Connection, Table, event, false, or_, select, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction, with_loader_criteria

from warehouse.oltp.base import Base, OfInstallation, OfOrganization, PerhapsOfOrganization

INSTALLATION: Final = "the installation"
"""The scope of code that works for all organizations: sign-in, the pipelines, the operator's commands."""
ROLE = "longhouse_rows"
"""The PostgreSQL role without rights of its own that every transaction takes on: superusers and owners see past RLS."""

APPEND_ONLY = "audit_events, audit_releases"
"""Tables whose rows nobody changes or removes; triggers say so to whoever may do everything else."""


class OrganizationMissing(Exception):
    """A session was opened past `reading`, `writing` and their like, so nobody said whose rows it may see."""


class ForeignRow(Exception):
    """A row of another organization was about to be written."""


class ScopedSession(Session):
    """A session that knows whose rows it may see: an organization's id, or INSTALLATION."""

    def __init__(self, *arguments: Any, scope: str | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.scope = scope


@event.listens_for(ScopedSession, "do_orm_execute")
def _add_the_filter(state: ORMExecuteState) -> None:
    organization = _scope_of(state.session)
    if organization == INSTALLATION or not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(*_criteria(organization))


def _scope_of(session: Session) -> str:
    scope = session.scope if isinstance(session, ScopedSession) else None
    if scope is None:
        raise OrganizationMissing("This session was opened without an organization; use reading_as(actor).")
    return scope


def _criteria(organization: str) -> list[Any]:
    organizations, users, memberships = (_mapped(name) for name in ("organizations", "users", "memberships"))
    colleagues = select(memberships.user_id).where(memberships.organization_id == organization)
    return [
        with_loader_criteria(OfOrganization, lambda cls: cls.organization_id == organization, include_aliases=True),
        with_loader_criteria(
            PerhapsOfOrganization,
            lambda cls: or_(cls.organization_id == organization, cls.organization_id.is_(None)),
            include_aliases=True,
        ),
        with_loader_criteria(OfInstallation, lambda cls: false(), include_aliases=True),
        with_loader_criteria(organizations, organizations.id == organization, include_aliases=True),
        with_loader_criteria(users, users.id.in_(colleagues), include_aliases=True),
    ]


def _mapped(table: str) -> Any:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == table)


@event.listens_for(ScopedSession, "before_flush")
def _refuse_foreign_rows(session: Session, _context: UOWTransaction, _instances: object) -> None:
    organization = _scope_of(session)
    if organization == INSTALLATION:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        owner = getattr(row, "organization_id", organization)
        posted = isinstance(row, OfInstallation) and row.is_posted and row in session.new and owner == organization
        if (isinstance(row, OfInstallation) and not posted) or (owner or organization) != organization:
            raise ForeignRow(f"A row of {row.__tablename__} does not belong to the organization that is writing.")


@event.listens_for(ScopedSession, "after_begin")
def _tell_postgresql(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name != "postgresql" or transaction.nested:
        return
    scope = _scope_of(session)
    told = ("longhouse.installation", "on") if scope == INSTALLATION else ("longhouse.organization", scope)
    connection.execute(_TELL, {"role": ROLE, "name": told[0], "value": told[1]})


_TELL = text("select set_config('role', :role, true), set_config(:name, :value, true)")


def hold_rows(connection: Connection) -> None:
    """Row-level security on every table, for a PostgreSQL store whose tables are all there. Run again, it changes nothing."""
    connection.execute(text(_MAKE_ROLE.format(role=ROLE)))
    for statement in (
        f"grant usage on schema public to {ROLE}",
        f"grant select, insert, update, delete on all tables in schema public to {ROLE}",
        f"revoke update, delete, truncate on {APPEND_ONLY} from {ROLE}",
        f"grant usage, select, update on all sequences in schema public to {ROLE}",
    ):
        connection.execute(text(statement))
    for table in Base.metadata.sorted_tables:
        for statement in _policy(table):
            connection.execute(text(statement))


_MAKE_ROLE = """
do $$ begin
    begin
        create role {role} nologin nosuperuser nobypassrls;
    exception when duplicate_object or unique_violation then null;
    end;
    if not pg_has_role(current_user, '{role}', 'member') then
        grant {role} to current_user;
    end if;
end $$
"""
_ALL = "current_setting('longhouse.installation', true) = 'on'"
_OURS = "nullif(current_setting('longhouse.organization', true), '')::uuid"


def _policy(table: Table) -> list[str]:
    """What a table shows: all of it to the installation, an organization's rows to the organization, else nothing."""
    kind = _mapped(table.name)
    shown = f"{_ALL} or {_seen(table)}"
    taken = f"{_ALL} or organization_id = {_OURS}" if getattr(kind, "is_posted", False) else shown
    return [
        f"alter table {table.name} enable row level security",
        f"alter table {table.name} force row level security",
        f"drop policy if exists longhouse on {table.name}",
        f"create policy longhouse on {table.name} using ({shown}) with check ({taken})",
    ]


def _seen(table: Table) -> str:
    kind = _mapped(table.name)
    if table.name == "organizations":
        return f"id = {_OURS}"
    if table.name == "users":
        return "exists (select from memberships where memberships.user_id = users.id)"
    if issubclass(kind, OfInstallation):
        return "false"
    return f"organization_id = {_OURS}" + (
        " or organization_id is null" if issubclass(kind, PerhapsOfOrganization) else ""
    )
