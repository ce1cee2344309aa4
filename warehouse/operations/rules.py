"""What holds for every record whatever its room: what it names is there, its numbers and days are in bounds."""

from typing import Any

from sqlalchemy import CheckConstraint, Table, UniqueConstraint, and_, select

import warehouse.oltp.projection  # noqa: F401 - a record may name one of any room: all their tables must be known
from warehouse.oltp.base import Base
from warehouse.oltp.states import Flow
from warehouse.operations.declare import NotAllowedNow, NotFound, Work, find


def table_of(kind: type[Any]) -> Table:
    """The table of a mapped class."""
    table: Table = kind.__table__
    return table


def check_references(work: Work, record: Any) -> None:
    """Every record that is named belongs to the organization and is there. Raises NotFound."""
    for key in table_of(type(record)).foreign_key_constraints:
        for element in key.elements:
            name, target = element.parent.name, element.column.table
            named = getattr(record, name, None)
            if element.column.name != "id" or target.name == "organizations" or named is None:
                continue
            there = select(target.c.id).where(
                target.c.organization_id == work.actor.organization_id, target.c.id == named
            )
            if "deleted_at" in target.c:
                there = there.where(target.c.deleted_at.is_(None))
            if work.session.execute(there).first() is None:
                raise NotFound(f"There is no such {words(name.removesuffix('_id'))} here.")


def check_parent(work: Work, record: Any, parent: str | None) -> None:
    """The record that this one is a part of is within the actor's reach. Raises Forbidden."""
    if parent is None or getattr(record, parent) is None:
        return
    [key] = [one for one in table_of(type(record)).c[parent].foreign_keys if one.column.name == "id"]
    kind = next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == key.column.table.name)
    whole = find(work.session, work.actor, kind, getattr(record, parent))
    if whole.responsible is not None:
        work.actor.must_for(work.permission, getattr(whole, whole.responsible))


def check_rules(record: Any) -> None:
    """What the table promises about its numbers and days. Raises NotAllowedNow in words."""
    for rule in table_of(type(record)).constraints:
        if not isinstance(rule, CheckConstraint):
            continue
        if "first" in rule.info:
            first, then = (getattr(record, rule.info[one]) for one in ("first", "then"))
            if first is not None and then is not None and first > then:
                raise NotAllowedNow(f"{title(rule.info['first'])} cannot come after {words(rule.info['then'])}.")
        elif "above_zero" in rule.info:
            _check_sign(record, rule.info["above_zero"])
        elif "column" in rule.info:
            _check_bounds(record, **rule.info)


def _check_sign(record: Any, column: str) -> None:
    value = getattr(record, column)
    if value is not None and value <= 0:
        raise NotAllowedNow(f"{title(column)} must be more than 0.")


def _check_bounds(record: Any, column: str, least: int | None, most: int | None) -> None:
    value = getattr(record, column)
    if value is None:
        return
    if least is not None and value < least:
        raise NotAllowedNow(f"{title(column)} cannot be less than {least}.")
    if most is not None and value > most:
        raise NotAllowedNow(f"{title(column)} cannot be more than {most}.")


def check_unique(work: Work, record: Any, noun: str) -> None:
    """No other record holds what only one may. Raises NotAllowedNow, for deleted ones too."""
    table = table_of(type(record))
    for rule in table.constraints:
        names = [column.name for column in rule.columns] if isinstance(rule, UniqueConstraint) else []
        values = {name: getattr(record, name) for name in names if name != "organization_id"}
        if not values or "id" in values or None in values.values():
            continue
        same = select(table.c.id, table.c.deleted_at).where(
            and_(*(table.c[name] == value for name, value in values.items())),
            table.c.organization_id == work.actor.organization_id,
        )
        for row in work.session.execute(same):
            if row.id != record.id:
                gone = " It was deleted; restore it instead." if row.deleted_at else ""
                told = ", ".join(words(name) for name in values)
                raise NotAllowedNow(f"There is already {a(noun)} with this {told}.{gone}")


def check_flow(noun: str, flow: Flow, was: Any, to: Any) -> None:
    """A state may follow another. Raises NotAllowedNow and names those that may."""
    if to not in flow[was]:
        ways = ", ".join(sorted(one.label.lower() for one in flow[was]))  # type: ignore[attr-defined]
        told = f"; it may become {ways}" if ways else "; nothing follows that"
        raise NotAllowedNow(f"This {noun} is {was.label.lower()}{told}.")


def a(noun: str) -> str:
    """A noun with its article."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def words(name: str) -> str:
    """A column's name as people say it."""
    return name.removesuffix("_id").replace("_", " ")


def title(name: str) -> str:
    """A column's name at the beginning of a sentence."""
    return words(name).capitalize()
