"""What a person may give for a record or read of it, field by field: derived from tables and input models alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, String
from sqlalchemy.orm import Session

from warehouse.oltp.custom_fields import CustomField, FieldKind
from warehouse.oltp.types import Exact, Id, Moment
from warehouse.oltp.veil import bare
from warehouse.operations.custom_values import OWN_FIELDS, defined_fields
from warehouse.operations.records import RECORDS, has_currency, table_named, target_of
from warehouse.operations.register import SHARED
from warehouse.operations.typed import empty_value
from warehouse.operations.wording import HELP, choice_label, label_of, sentence
from warehouse.tenancy import Actor

OWN = "custom_fields"
"""The column that holds the values of the fields an organization added."""
WORDS = frozenset({"channels", "choices", "holidays"})
"""Lists whose values are plain texts."""
NO_AMOUNTS = frozenset({"quantity"})


class Shape(StrEnum):
    """What a field's values look like."""

    TEXT = "text"
    LONG_TEXT = "long text"
    WORDS = "words"
    MONEY = "money"
    PERCENT = "percent"
    NUMBER = "number"
    WHOLE = "whole number"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes or no"
    CHOICE = "choice"
    REFERENCE = "reference"
    JSON = "data"


@dataclass(frozen=True)
class Field:
    """One field of a kind of record."""

    name: str
    label: str
    shape: Shape
    privacy: str
    is_needed: bool = False
    longest: int | None = None
    places: int = 0
    choices: tuple[tuple[Any, str], ...] = ()
    """Value and label of what may be chosen."""
    target: str | None = None
    """The table whose records a reference names."""
    is_list: bool = False
    """Whether data is a list rather than an object."""
    start: Any = None
    """What a new record has unless something else is given."""
    help: str | None = None
    is_filled: bool = False
    """Whether the platform finds a value where none is given."""
    is_derived: bool = False
    is_own: bool = False
    """Whether the organization added it."""
    rule: FieldInfo | None = None

    def refusal(self, value: Any) -> str | None:
        """Why a value cannot be given, in one sentence; None where it can."""
        if value is None:
            return f"{self.label} is needed." if self.is_needed else None
        if self.rule is None:
            return None
        try:
            TypeAdapter(_annotated(self.rule)).validate_python(value)
        except ValidationError as refused:
            return sentence(self.name, refused)
        return None


def given_fields(table: str, model: type[BaseModel]) -> list[Field]:
    """The fields of what an operation on a table is given, in the order of its columns."""
    rules, made = model.model_fields, (RECORDS[table].create.input if table in RECORDS else model).model_fields
    found = []
    for column in table_named(table).c:
        if column.name in rules and column.name not in {"id", "version"}:
            one = field_of(column, rules[column.name])
            # What the platform fills in, such as a number, may be left out though the table needs it.
            filled = column.name in made and not made[column.name].is_required() and one.start is None
            found.append(
                replace(one, is_needed=not column.nullable and not filled, is_filled=filled and not column.nullable)
            )
    return found


def shown_fields(table: str) -> list[Field]:
    """Everything that is known of a record of a table, but for what every record has."""
    left_out = SHARED | {"recorded_at_assumed", "derived_as_of", "derived_model_version", OWN}
    return [field_of(column) for column in table_named(table).c if column.name not in left_out]


def own_fields(session: Session, actor: Actor, table: str) -> list[Field]:
    """The fields the organization added to a table's records that the actor sees, in their order."""
    if table not in OWN_FIELDS or not actor.sees(table_named(table).c[OWN].info["privacy"]):
        return []
    defined = defined_fields(session, actor.organization_id, table)
    return [_own_field(one) for one in defined.values() if actor.sees(one.privacy.value)]


def field_of(column: Column[Any], rule: FieldInfo | None = None) -> Field:
    """A column as a field; with the rule of an operation's input, as it is given there."""
    kind, target = bare(column), target_of(column)
    start = empty_value(column)
    shape = _shape(column, kind, target)
    return Field(
        name=column.name,
        label=label_of(column.name),
        shape=shape,
        privacy=column.info["privacy"],
        longest=kind.length if isinstance(kind, String) and not isinstance(kind, Enum) else None,
        places=kind.places if isinstance(kind, Exact) else 0,
        choices=_choices(column, kind),
        target=target,
        is_list=start == [],
        start=start,
        help=HELP.get(f"{column.table.name}.{column.name}"),
        is_derived=bool(column.info.get("derived")),
        rule=rule,
    )


def _shape(column: Column[Any], kind: object, target: str | None) -> Shape:
    if target:
        return Shape.REFERENCE
    if column.name == "entity" or isinstance(kind, Enum):
        return Shape.CHOICE
    if isinstance(kind, Exact):
        return _number_shape(column, kind)
    if isinstance(kind, JSON):
        return Shape.WORDS if column.name in WORDS else Shape.JSON
    if isinstance(kind, String) and not isinstance(kind, Id):
        return Shape.TEXT if kind.length else Shape.LONG_TEXT
    shapes = ((Boolean, Shape.YES_NO), (Integer, Shape.WHOLE), (Date, Shape.DAY), (Moment, Shape.MOMENT))
    return next((shape for known, shape in shapes if isinstance(kind, known)), Shape.TEXT)


def _number_shape(column: Column[Any], kind: Exact) -> Shape:
    if column.name.endswith("_percent"):
        return Shape.PERCENT
    is_money = kind.places == Exact.places and column.name not in NO_AMOUNTS and has_currency(column.table.name)
    return Shape.MONEY if is_money else Shape.NUMBER


def _choices(column: Column[Any], kind: object) -> tuple[tuple[Any, str], ...]:
    if column.name == "entity":
        return tuple((one, _plural(one)) for one in sorted(OWN_FIELDS))
    members: Iterable[Any] = getattr(kind, "enum_class", None) or ()
    return tuple((one, choice_label(one)) for one in members)


def _plural(entity: str) -> str:
    noun = RECORDS[entity].noun if entity in RECORDS else entity.removesuffix("s")
    return f"{noun.capitalize()}s"


OWN_SHAPES = {
    FieldKind.TEXT: Shape.TEXT,
    FieldKind.NUMBER: Shape.NUMBER,
    FieldKind.DAY: Shape.DAY,
    FieldKind.YES_NO: Shape.YES_NO,
    FieldKind.CHOICE: Shape.CHOICE,
}


def _own_field(one: CustomField) -> Field:
    return Field(
        name=one.key,
        label=one.label,
        shape=OWN_SHAPES[one.kind],
        privacy=one.privacy.value,
        is_needed=one.is_required,
        longest=2_000,
        places=8,
        choices=tuple((str(value), str(value)) for value in one.choices),
        is_own=True,
    )


def _annotated(rule: FieldInfo) -> Any:
    annotation: Any = rule.annotation
    return Annotated[(annotation, *rule.metadata)] if rule.metadata else annotation


def named(fields: Sequence[Field], names: Iterable[str]) -> list[Field]:
    """The fields with these names, in the order of the names; unknown ones are left out."""
    known = {one.name: one for one in fields}
    return [known[name] for name in names if name in known]
