"""What a mapping may say about one field, one step of a deal's history, and one entity."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from sqlalchemy import Date, Integer, Table

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.base import Base
from warehouse.oltp.types import Money

DateFormat = Literal["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"]
Entity = Literal[
    "memberships", "products", "customers", "contacts", "opportunities", "opportunity_line_items", "activities"
]


class Strict(BaseModel):
    """An unknown key in a mapping is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldRule(Strict):
    """Where one field's value comes from. A bare column name in YAML is short for `{column: NAME}`."""

    column: str | None = None
    value: str | int | bool | None = None
    """The same for every row."""
    join: list[str] | None = None
    """Several columns, the blank ones left out, with `between` between them."""
    first: "list[Rule] | None" = None
    """Several rules; the first that finds something in the row is the row's."""
    between: str = " · "
    values: dict[str, str | None] = Field(default_factory=dict)
    """What the source writes → what we write, null for a word that says nothing; others stay as they are."""
    multiply: Decimal | None = None
    """For amounts the source keeps in thousands or millions."""
    ref: Literal["memberships", "products", "customers", "contacts", "opportunities"] | None = None
    """The column holds the key of another entity of the same mapping."""
    split: str | None = None
    """The column holds several keys with this sign between them; the first that is known is taken."""
    maybe: bool = False
    """The column may hold keys of something else: one that is not known is no finding."""
    when: Literal["open", "closed"] | None = None
    """For deals: blank unless the deal stands there."""
    not_after: str | None = None
    """For days: blank where it is later than this other day of the row."""
    date_format: DateFormat | None = None
    """For days, where the column's own values leave open which part is the day."""
    decimal: Literal[".", ","] | None = None
    """For numbers, where the column's own values leave open which sign begins the decimals."""

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldRule":
        if sum(origin is not None for origin in (self.column, self.value, self.join, self.first)) != 1:
            raise ValueError("say exactly one of column, value, join or first")
        if self.first is not None and (self.values or self.multiply or self.date_format or self.decimal):
            raise ValueError("values, multiply, date_format and decimal belong to the rules inside first")
        for inner in self.first or []:
            if inner.first or inner.ref or inner.when or inner.not_after:
                raise ValueError("first, ref, when and not_after do not belong inside first")
        return self

    @property
    def leaves(self) -> "list[FieldRule]":
        """The rules that read columns: itself, or those inside `first`."""
        return [self] if self.first is None else self.first

    @property
    def columns(self) -> list[str]:
        """The columns it reads."""
        return [name for leaf in self.leaves for name in leaf.join or ([leaf.column] if leaf.column else [])]

    def word(self, found: str) -> str | None:
        """Our word for the source's; case does not matter where none is written exactly so."""
        if not self.values:
            return found
        return self.values[found] if found in self.values else self._folded.get(found.casefold(), found)

    @cached_property
    def _folded(self) -> dict[str, str | None]:
        return {theirs.casefold(): ours for theirs, ours in self.values.items()}


Rule = Annotated[FieldRule, BeforeValidator(lambda given: {"column": given} if isinstance(given, str) else given)]
FieldRule.model_rebuild()


class StageStep(Strict):
    """A rung of the ladder that a deal reached on the day in a column; a blank day means it did not."""

    day: Rule
    stage: str | None = None
    """Which rung; unset, the deal's own stage where that is a closed one."""
    date_format: DateFormat | None = None

    @property
    def rule(self) -> FieldRule:
        """How its day is read."""
        return self.day.model_copy(update={"date_format": self.date_format}) if self.date_format else self.day


class StageFile(Strict):
    """A file with one row per rung that a deal reached; where it tells of a deal, `stage_history` is not asked."""

    file: str
    deal: str
    """The column with the key of the deal."""
    stage: Rule
    day: Rule


class Skip(Strict):
    """Rows that are left out on purpose, because a column says one of these words."""

    column: str
    says: list[str]

    def applies(self, row: Mapping[str, str | None]) -> bool:
        """Whether a row says one of the words, in any case."""
        said = row[self.column]
        return said is not None and said.casefold() in {word.casefold() for word in self.says}


class EntityRule(Strict):
    """One entity read from one file: a record per distinct key."""

    into: Entity
    file: str
    key: str
    fields: dict[str, Rule]
    lines: Rule | None = None
    """For deals: the column that names the product."""
    stage_history: list[StageStep] = Field(default_factory=list)
    stage_file: StageFile | None = None
    optional: bool = False
    """The file may be missing, and so may every column but the key and what each record needs."""
    mentioned: bool = False
    """The file is about something else: rows with a blank key mention none, and need not agree about one."""
    known_as: str | None = None
    """A column with another name that rules with `ref` may find the record by, where only one record has it."""
    skip: Skip | None = None

    @model_validator(mode="after")
    def _known_fields(self) -> "EntityRule":
        table = Base.metadata.tables[self.into]
        offered = [c.name for c in table.c if c.name not in _KEPT and not c.name.startswith("derived_")]
        for name in self.fields:
            if name not in offered:
                near = get_close_matches(name, offered, n=3) or offered
                raise ValueError(f"{self.into} has no field {name!r}; nearest: {', '.join(near)}")
        for name, rule in self.fields.items():
            _fits(self.into, table, name, rule)
        for name in self.needed:
            if name not in self.fields:
                raise ValueError(f"{self.into} needs the field {name!r}")
        return self

    @property
    def needed(self) -> list[str]:
        """The fields that every record must have."""
        table = Base.metadata.tables[self.into]
        return [c.name for c in table.c if c.name not in _KEPT and not c.nullable and c.default is None]

    @property
    def rules(self) -> Iterator[tuple[str, str, FieldRule]]:
        """File, field and rule of everything it reads but its key; the days of the history are closing days."""
        yield from ((self.file, name, rule) for name, rule in self.fields.items())
        yield from ((self.file, "closed_on", step.rule) for step in self.stage_history)
        if self.stage_file:
            yield self.stage_file.file, "closed_on", self.stage_file.day
            yield self.stage_file.file, "stage", self.stage_file.stage


def _fits(into: str, table: Table, name: str, rule: FieldRule) -> None:
    kind = table.c[name].type
    if any(leaf.date_format for leaf in rule.leaves) and not isinstance(kind, Date):
        raise ValueError(f"{name} is no day; date_format is for days")
    if any(leaf.decimal for leaf in rule.leaves) and not isinstance(kind, Money | Integer):
        raise ValueError(f"{name} is no number; decimal is for numbers")
    if rule.when and into != "opportunities":
        raise ValueError(f"{name} belongs to no deal; when is for deals")
    if rule.not_after and not (isinstance(kind, Date) and _is_day(table, rule.not_after)):
        raise ValueError(f"{name} and {rule.not_after} are not both days; not_after is for days")


def _is_day(table: Table, name: str) -> bool:
    return name in table.c and isinstance(table.c[name].type, Date)


def folded(name: str) -> str:
    """A column's or file's name as people mean it: case, spaces at its ends and a closing star do not matter."""
    return name.strip().removesuffix("*").strip().casefold()


_KEPT: set[Any] = {
    "id",
    "organization_id",
    "change_seq",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "deleted_at",
    "version",
    "metadata",
    "user_id",
}
