"""Three organizations in which every text says whose it is: what is written where it must not be, shows itself.

A text is CANARY-<n>-… where everybody of organization <n> may read it, PRIVATE-<n>-… in a column that identifies people
and HIDDEN-<n>-… in a restricted one. The rows are made from the metadata: a new table or column is planted by itself.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import count
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, MetaData, String, Table, Text, inspect, select, update
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Session

from tests.houses import House, today
from warehouse.oltp.base import Base
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.files import FileKind
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import Organization, User
from warehouse.oltp.projection import ROOMS
from warehouse.oltp.sealed import Sealed
from warehouse.oltp.types import Exact, Id, Moment
from warehouse.oltp.veil import bare
from warehouse.operations import files
from warehouse.operations.audit import record_event
from warehouse.operations.checks import EXAMINED, GREAT_EXPECTATIONS, evidence_place
from warehouse.operations.identity import member_actor
from warehouse.operations.notices import RULES
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.typed import bounds_of
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, operator_actor

assert ROOMS
NUMBERS = (1, 2, 3)
ROWS = 9
"""Of each table and organization: one for everybody in PEOPLE, all six stages among them."""
PREFIX = {"business": "CANARY", "personal": "PRIVATE", "restricted": "HIDDEN"}
MARK = re.compile(r"(CANARY|PRIVATE|HIDDEN)-(\d)-([0-9A-F]+)", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
SHORTEST = 16
"""Characters a column must have room for to bear a mark."""
TOO_SHORT = {
    f"{column.table.name}.{column.name}"
    for table in Base.metadata.sorted_tables
    for column in table.c
    if isinstance(bare(column), String)
    and getattr(bare(column), "enum_class", None) is None
    and (getattr(bare(column), "length", None) or SHORTEST) < SHORTEST
}
"""Columns of fewer characters."""
READ_BACK = {
    *("organizations.locale", "organizations.timezone"),
    *("notices.kind", "notices.topic", "notices.channels", "invitations.functions"),
    *("alert_events.value", "alert_events.bound", "report_schedules.recipients"),
    *("alerts.checked_build", "alerts.problem", "defined_metrics.name"),
    *("error_groups.id", "receipts.id", "check_results.source", "check_results.build_id", "check_results.sample_ids"),
    *("audit_events.hash", "audit_events.previous_hash", "invitations.token_hash"),
}
"""Texts that the code itself goes by: another word there would be a broken row, not a planted one."""
APART = {"organizations", "audit_events", "audit_releases", "departures"}
"""Made by the code that makes them, and two that stand for organizations that are gone."""
PEOPLE: tuple[tuple[AccessRole, BusinessFunction | None], ...] = (
    (AccessRole.OWNER, None),
    (AccessRole.ADMIN, None),
    (AccessRole.VIEWER, None),
    (AccessRole.MEMBER, None),
    *((AccessRole.MEMBER, function) for function in BusinessFunction),
)
_numbers = count(4096)


@dataclass(frozen=True)
class Who:
    """A member of a planted organization, and everything of theirs that the others must not see."""

    number: int
    actor: Actor
    email: str
    user_id: str
    own: frozenset[str]
    """Their own name and address, which they see whatever their rights are."""


@dataclass
class World:
    """The planted organizations as a test knows them."""

    house: House
    organizations: dict[int, str] = field(default_factory=dict)
    slugs: dict[int, str] = field(default_factory=dict)
    people: list[Who] = field(default_factory=list)
    ids: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    """Number → table → ids."""
    texts: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    """Number → `table.column` → texts."""
    owner_of: dict[str, int] = field(default_factory=dict)
    """Id → number."""
    tokens: dict[int, list[str]] = field(default_factory=dict)
    """Number → links to files."""
    receipts: dict[int, list[str]] = field(default_factory=dict)

    def leaked(self, who: Who, answer: str, asked: str = "") -> list[str]:
        """What this person must not have been told; what they said themselves may be said back to them."""
        said = {one.group().upper() for one in MARK.finditer(asked)} | set(UUID.findall(asked.lower()))
        found = []
        for one in {one.group().upper() for one in MARK.finditer(answer)} - said:
            kind, number, _ = one.split("-")
            hidden = (kind == "PRIVATE" and "personal" in who.actor.hidden) or (
                kind == "HIDDEN" and "restricted" in who.actor.hidden
            )
            if int(number) != who.number or (hidden and one not in who.own):
                found.append(one)
        foreign = {one for one in UUID.findall(answer.lower()) if self.owner_of.get(one, who.number) != who.number}
        return sorted(found) + sorted(foreign - said)

    def number_of(self, leaked: str) -> int:
        """Whose a mark or an id is."""
        return self.owner_of[leaked] if leaked in self.owner_of else int(leaked.split("-")[1])


def text_of(number: int, column: Column[Any]) -> str:
    """A new text that says whose it is, and from which column."""
    room = getattr(bare(column), "length", None) or 200
    mark = f"{PREFIX[column.info['privacy']]}-{number}-{next(_numbers):X}"
    if "email" in column.name or column.name == "recipient":
        return f"{mark}@canary.example".lower()
    return f"{mark} {column.table.name} {column.name}"[:room]


def plant() -> None:
    """Three organizations, their people and a few rows of every table, into the store of the entered house."""
    owned: dict[str, dict[int, list[Any]]] = {}
    with writing() as session:
        for number in NUMBERS:
            _Planting(session, number, owned).everything()
    with reading() as session:
        owners = {one.id: number for number, one in zip(NUMBERS, _organizations(session), strict=True)}
    for organization_id, number in owners.items():
        _keep_files(organization_id, number)
        for examination in owned["examinations"][number]:
            page = evidence_place(organization_id, examination)
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(f"<p>CANARY-{number}-E{next(_numbers):X} evidence</p>", encoding="utf-8")


def _organizations(session: Session) -> Sequence[Organization]:
    return session.scalars(select(Organization).order_by(Organization.slug)).all()


def _keep_files(organization_id: str, number: int) -> None:
    for kind in (FileKind.UPLOAD, FileKind.EXPORT, FileKind.ATTACHMENT):
        name, content = f"PRIVATE-{number}-F{next(_numbers):X}.csv", f"name\nPRIVATE-{number}-B{next(_numbers):X}\n"
        files.keep_file(operator_actor(organization_id), files.Handing(kind, name), [content.encode()])


@dataclass
class _Planting:
    """One organization's rows, parents first."""

    session: Session
    number: int
    owned: dict[str, dict[int, list[Any]]]
    organization_id: str = ""
    seq: int = 0

    def everything(self) -> None:
        """All of it."""
        tables = {table.name: table for table in Base.metadata.sorted_tables}
        self._rows(tables["users"], ROWS)
        self._organization(tables)
        for table in tables.values():
            if table.name not in APART | {"users"}:
                alone = {key.name for key in table.primary_key} == {"organization_id"}
                self._rows(table, 1 if alone else ROWS)
        self._audit()

    def _organization(self, tables: Mapping[str, Table]) -> None:
        """The organization and its owner, whose membership is the first of the rows below."""
        table, named = tables["organizations"], f"canary-{self.number}-a"
        asked = CreateOrganization(slug=named, name=named, owner_user_id=self.rows("users")[0], owner_name="Owner")
        made = create_organization(self.session, asked)
        self.organization_id, self.seq = made.id, made.change_seq
        self._keep("organizations", made.id)
        values = {"name": text_of(self.number, table.c.name)}
        self.session.execute(update(table).where(table.c.id == made.id).values(values))
        members = tables["memberships"]
        [owner] = self.session.scalars(select(members.c.id).where(members.c.organization_id == made.id))
        values = self._row(members, 0) | {"id": owner}
        self.session.execute(update(members).where(members.c.id == owner).values(values))
        self._keep("memberships", owner)
        self.owned.setdefault("examinations", {})[self.number] = [uuid7() for _ in range(3)]

    def rows(self, table: str) -> list[Any]:
        """The ids of what was planted in a table so far."""
        return self.owned.setdefault(table, {}).setdefault(self.number, [])

    def _keep(self, table: str, key: Any) -> None:
        self.rows(table).append(key)

    def _rows(self, table: Table, most: int) -> None:
        for place in range(len(self.rows(table.name)), most):
            values = self._row(table, place)
            made = self.session.execute(table.insert().values(values))
            key = next(iter(table.primary_key))
            self._keep(table.name, values.get(key.name) or made.inserted_primary_key[0])

    def _row(self, table: Table, place: int) -> dict[str, Any]:
        parents = _parents(table)
        made = {one.name: self._value(one, place, parents) for one in table.c if one.autoincrement is not True}
        made |= _CHOSEN.get(table.name, lambda *_: {})(self, place)
        return {name: value for name, value in made.items() if value is not None}

    def _value(self, column: Column[Any], place: int, parents: Mapping[str, str]) -> Any:
        if column.name == "organization_id":
            return self.organization_id or None
        if column.name in parents:
            known = self.rows(parents[column.name])
            if parents[column.name] == column.table.name:
                return known[0] if known else None
            return known[place % len(known)]
        if isinstance(bare(column), Id):
            return uuid7() if column.primary_key else (self.rows("memberships") or [uuid7()])[0]
        return _plain(column, self.number, place, self.seq)

    def _audit(self) -> None:
        """Through the code that chains it."""
        for place in range(ROWS):
            told = f"CANARY-{self.number}-{next(_numbers):X}"
            actor = Actor(
                self.organization_id,
                f"{told} label",
                frozenset(),
                membership_id=self.rows("memberships")[place] if place % 2 else None,
            )
            record_event(
                self.session, actor, f"{told} done", f"{told} kind", self.rows("opportunities")[place], {"note": told}
            )


def _parents(table: Table) -> dict[str, str]:
    """Column → the table its values are ids of."""
    found = {}
    for constraint in table.foreign_key_constraints:
        for element in constraint.elements:
            if element.parent.name != "organization_id":
                found[element.parent.name] = element.column.table.name
    return found


def _plain(column: Column[Any], number: int, place: int, seq: int) -> Any:
    kind = bare(column)
    named = f"{column.table.name}.{column.name}"
    if isinstance(kind, Moment):
        if column.name == "expires_at":
            return datetime.now(UTC) + timedelta(days=300)
        return None if column.nullable else datetime.now(UTC)
    if isinstance(kind, Date):
        return today() - timedelta(days=100 - 10 * place)
    if isinstance(kind, Exact):
        return Decimal(10 + place)
    if isinstance(kind, Boolean):
        return column.name in {"is_active", "contains_personal", "is_primary"}
    if isinstance(kind, Integer):
        return seq if column.name == "change_seq" else min(1 + place, bounds_of(column)[1] or 1 + place)
    if isinstance(kind, JSON):
        default: Any = column.default
        empty = default.arg(None) if default is not None and default.is_callable else {}
        made = text_of(number, column)
        return [made] if isinstance(empty, list) else {"note": made, made: 1}
    choices = getattr(kind, "enum_class", None)
    if choices is not None:
        return list(choices)[place % len(choices)]
    assert isinstance(kind, String | Text | Sealed), f"{named}: say what is planted in a {kind!r}"
    if (getattr(kind, "length", None) or 200) < SHORTEST:
        return "USD" if column.name.endswith("currency") else None
    return text_of(number, column)


def _members(planting: _Planting, place: int) -> dict[str, Any]:
    return {"user_id": planting.rows("users")[place], "access_role": PEOPLE[place][0], "manager_id": None}


def _grants(planting: _Planting, place: int) -> dict[str, Any]:
    functions = list(BusinessFunction)
    told = functions[place % len(functions)]
    # The last so many people hold one function each; who has every right anyhow holds the others.
    holder = ROWS - len(functions) + place if place < len(functions) else 0
    return {"membership_id": planting.rows("memberships")[holder], "business_function": told}


def _checks(planting: _Planting, place: int) -> dict[str, Any]:
    """Of every source; what a check of everybody's data is called is no secret, what it found is."""
    if place < 3:
        examination = planting.owned["examinations"][planting.number][place]
        return {
            "source": GREAT_EXPECTATIONS,
            "check_name": EXAMINED,
            "build_id": examination,
            "sample_ids": ["1", "1"],
        }
    if place < 5:
        return {
            "source": GREAT_EXPECTATIONS,
            "build_id": planting.owned["examinations"][planting.number][0],
            "sample_ids": planting.rows("opportunities")[:2],
        }
    source = ("dbt", "reconciliation", "import", "import")[place - 5]
    shared = {} if source == "import" else {"check_name": f"known_{source}", "subject": "fct_opportunities"}
    return {"source": source, "build_id": "zz", "sample_ids": planting.rows("opportunities")[:2]} | shared


def _notice(planting: _Planting, place: int) -> dict[str, Any]:
    facts = {"entity_id": None, "actor_id": planting.rows("memberships")[place]}
    facts |= {"actor_label": f"CANARY-{planting.number}-{next(_numbers):X}", "operation": "sales.move_opportunity"}
    told = {"topic": "security", "channels": ["mail"], "facts": facts | {"count": 1}}
    return {"kind": RULES[place % len(RULES)].kind} | told


def _alert(planting: _Planting, place: int) -> dict[str, Any]:
    """Each is its member's own, and a number of everybody's."""
    filtered = {"sector": [text_of(planting.number, Base.metadata.tables["alerts"].c.rule)]}
    rule = {"kind": "threshold", "metric": "won_value", "side": "over", "bound": "1", "where": filtered}
    return {"rule": rule, "on_duty_id": None, "deleted_at": None}


def _told_in(planting: _Planting, place: str) -> str:
    """A marked text for a column that holds more than a text."""
    table, _, column = place.partition(".")
    return text_of(planting.number, Base.metadata.tables[table].c[column])


_CHOSEN = {
    "memberships": _members,
    "role_grants": _grants,
    "check_results": _checks,
    "notices": _notice,
    "users": lambda *_: {"is_operator": False},
    "opportunities": lambda planting, place: {
        "customer_id": planting.rows("customers")[place],
        "closed_on": today() - timedelta(days=5) if place % 6 > 3 else None,
    },
    "organization_settings": lambda *_: {"week_start": 1, "retention_days": 90},
    "invitations": lambda planting, place: {
        "functions": [BusinessFunction.SALES],
        "membership_id": None,
        "token_hash": hashlib.sha256(f"invited-{planting.number}-{place}".encode()).hexdigest(),
    },
    "error_groups": lambda planting, place: {"id": f"e{planting.number}{place}".ljust(12, "0")},
    "receipts": lambda planting, place: {"id": hashlib.sha256(f"{planting.number}.{place}".encode()).hexdigest()[:32]},
    "opportunity_line_items": lambda *_: {"position": 1, "quantity": Decimal(1)},
    # The books of a bill are right: its line, its tax, and a payment that was given back.
    "invoices": lambda _, place: {"total": Decimal(20 + 2 * place), "amount_paid": Decimal(0)},
    "files": lambda *_: {"expires_at": None},
    "alerts": _alert,
    "alert_events": lambda *_: {"value": "2", "bound": "1"},
    "report_schedules": lambda planting, place: {
        "every": "week",
        "at_hour": 7,
        "recipients": [planting.rows("memberships")[place]],
    },
    "connections": lambda planting, _: {"things": [_told_in(planting, "connections.things")], "is_paused": True},
    "connection_syncs": lambda planting, _: {
        "counts": {_told_in(planting, "connection_syncs.counts"): {"read": 2, "changed": 1, "deleted": 1}}
    },
    "undeclared_fields": lambda planting, _: {"samples": [_told_in(planting, "undeclared_fields.samples")]},
    "saved_dashboards": lambda planting, place: {
        "is_shared": place % 2 == 0,
        "body": {
            "name": "planted",
            "title": text_of(planting.number, Base.metadata.tables["saved_dashboards"].c.body)[:80],
            "figures": ["won_value"],
        },
    },
    "defined_metrics": lambda planting, place: {
        "name": f"planted_{place}",
        "body": {
            "name": f"planted_{place}",
            "label": text_of(planting.number, Base.metadata.tables["defined_metrics"].c.body)[:80],
            "description": "Planted.",
            "unit": "money",
            "metric": "won_value",
        },
    },
}
"""Table → what the metadata does not say about its rows."""


def unmarked(metadata: MetaData = Base.metadata) -> set[str]:
    """The columns of text that bear no mark in the entered house."""
    found = set()
    with reading() as session:
        for table in metadata.sorted_tables:
            if table.name in {"audit_releases", "departures"}:
                continue
            rows = session.execute(select(table)).mappings().all()
            for column in table.c:
                if isinstance(bare(column), String | Text | JSON | Sealed) and not getattr(
                    bare(column), "enum_class", None
                ):
                    marked = {one.group(2) for row in rows for one in MARK.finditer(told(row[column.name]))}
                    if not marked >= {str(number) for number in NUMBERS}:
                        found.add(f"{table.name}.{column.name}")
    return found


def look_around(house: House) -> World:
    """What the planted store of the entered house holds, by organization."""
    world = World(house)
    with reading() as session:
        for number, organization in zip(NUMBERS, _organizations(session), strict=True):
            world.organizations[number], world.slugs[number] = organization.id, organization.slug
            world.owner_of[organization.id] = number
            world.ids[number], world.texts[number] = {"organizations": [organization.id]}, {}
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                _remember(world, table, row)
        for number in NUMBERS:
            world.people += _people(session, world, number)
            world.tokens[number] = [
                files.download_link(session, operator_actor(world.organizations[number]), one, timedelta(days=1))
                for one in world.ids[number]["files"]
            ]
    return world


def _remember(world: World, table: Table, row: Mapping[str, Any]) -> None:
    marks = [MARK.search(told(value)) for value in row.values()]
    owner = str(row.get("organization_id") or "")
    number = world.owner_of.get(owner) or next((int(one.group(2)) for one in marks if one), None)
    if number is None:
        return
    key = row.get("id")
    if key is not None:
        world.ids[number].setdefault(table.name, []).append(str(key))
        if UUID.fullmatch(str(key)):
            world.owner_of[str(key)] = number
    for name, value in row.items():
        if isinstance(value, str) and MARK.search(value):
            world.texts[number].setdefault(f"{table.name}.{name}", []).append(value)


def _people(session: Session, world: World, number: int) -> Iterator[Who]:
    for user in session.scalars(select(User).where(User.email.like(f"private-{number}-%")).order_by(User.id)):
        actor = member_actor(session, world.organizations[number], user.email)
        told_of = told(user.profile) + told(user.preferences) + user.email
        row = session.execute(
            select(Base.metadata.tables["memberships"]).where(Base.metadata.tables["memberships"].c.user_id == user.id)
        ).one()
        own = {one.group().upper() for one in MARK.finditer(told_of + told(tuple(row)))}
        yield Who(number, actor, user.email, user.id, frozenset(own))


def told(value: object, depth: int = 0) -> str:
    """Everything a value says: rows with their columns, failures with their words, whatever is in whatever."""
    if value is None or depth > 8:
        return ""
    if isinstance(value, str | bytes | int | float | Decimal | date | Enum):
        return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    if isinstance(value, BaseException):
        return " ".join((str(value), told(vars(value), depth + 1)))
    if isinstance(value, Mapping):
        return " ".join(f"{told(name, depth + 1)} {told(one, depth + 1)}" for name, one in value.items())
    try:
        columns = inspect(value).mapper.column_attrs
    except (NoInspectionAvailable, AttributeError):
        pass
    else:
        return " ".join(told(vars(value).get(one.key), depth + 1) for one in columns)
    if is_dataclass(value) and not isinstance(value, type):
        return " ".join(told(getattr(value, one.name), depth + 1) for one in fields(value))
    if isinstance(value, Iterable):
        return " ".join(told(one, depth + 1) for one in value)
    return str(value)
