"""What a mapping may say about one step of a history and about one entity."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from pydantic import AliasChoices, Field, field_validator, model_validator
from sqlalchemy import Column, Date, Integer, Table

from warehouse.imports.field_rule import DateFormat, FieldRule, Rule, Strict
from warehouse.imports.kept import importable, ladder_of, needed, offered, table_of, targets
from warehouse.oltp.types import Exact, Moment
from warehouse.oltp.veil import bare


class StageStep(Strict):
    """A rung of the ladder that a record reached on the day in a column; a blank day means it did not."""

    day: Rule
    stage: str | None = None
    """Which rung; unset, the record's own, where that is a closed one or the day says `when`."""
    date_format: DateFormat | None = None

    @property
    def rule(self) -> FieldRule:
        """How its day is read."""
        return self.day.model_copy(update={"date_format": self.date_format}) if self.date_format else self.day


class Rows(Strict):
    """Rows that say one of these words in a column, or anything at all where no words are given."""

    column: str
    says: list[str] | None = None

    def applies(self, row: Mapping[str, str | None]) -> bool:
        """Whether a row says one of the words, in any case."""
        said = row[self.column]
        return said is not None and (self.says is None or said.casefold() in {word.casefold() for word in self.says})


class StageFile(Strict):
    """A file with one row per rung that a record reached; where it tells of one, `stage_history` is not asked."""

    file: str
    of: str = Field(validation_alias=AliasChoices("of", "deal"))
    """The column with the key of the record."""
    stage: Rule
    day: Rule
    only: Rows | None = None
    """The rows that tell of rungs, where the file tells of other things too."""


class EntityRule(Strict):
    """One entity read from one file: a record per distinct key."""

    into: str
    file: str
    key: Rule
    fields: dict[str, Rule]
    metadata: dict[str, Rule] = Field(default_factory=dict)
    """What has no field here, kept as text with the record, by the name it gets."""
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
    skip: Rows | None = None
    """Rows left out on purpose, and counted."""
    only: Rows | None = None
    """The rows that are of this kind, where the file holds several kinds."""

    @field_validator("into")
    @classmethod
    def _known_entity(cls, given: str) -> str:
        if given not in importable():
            near = get_close_matches(given, sorted(importable()), n=3) or sorted(importable())
            raise ValueError(f"there is no entity {given!r} to import; nearest: {', '.join(near)}")
        return given

    @model_validator(mode="after")
    def _known_fields(self) -> "EntityRule":
        table, names = table_of(self.into), [column.name for column in offered(table_of(self.into))]
        for name, rule in self.fields.items():
            if name not in names:
                near = get_close_matches(name, names, n=3) or names
                raise ValueError(f"{self.into} has no field {name!r}; nearest: {', '.join(near)}")
            _fits(self.into, table, name, rule)
        for name in self.needed:
            if name not in self.fields:
                raise ValueError(f"{self.into} needs the field {name!r}")
        if (self.stage_history or self.stage_file) and ladder_of(self.into) is None:
            raise ValueError(f"no history is kept of how {self.into} move on; stage_history is not for them")
        if self.metadata and "metadata" not in table.c:
            raise ValueError(f"{self.into} keep no metadata")
        if self.lines and self.into != "opportunities":
            raise ValueError("lines is for deals")
        return self

    @property
    def needed(self) -> list[str]:
        """The fields that every record must have."""
        return needed(table_of(self.into))

    @property
    def rules(self) -> Iterator[tuple[str, Column[object], FieldRule]]:
        """File, column of ours and rule of everything that is read into a column."""
        table, ladder = table_of(self.into), ladder_of(self.into)
        yield from ((self.file, table.c[name], rule) for name, rule in self.fields.items() if not rule.minutes_after)
        if ladder:
            yield from ((self.file, ladder.moment, step.rule) for step in self.stage_history)
        if ladder and self.stage_file:
            yield self.stage_file.file, ladder.moment, self.stage_file.day
            yield self.stage_file.file, ladder.state, self.stage_file.stage


def _fits(into: str, table: Table, name: str, rule: FieldRule) -> None:
    """Raise ValueError for what a rule says that its field cannot have."""
    kind, ladder, point_at = bare(table.c[name]), ladder_of(into), targets(table).get(name)
    if any(leaf.date_format for leaf in rule.leaves) and not isinstance(kind, Date):
        raise ValueError(f"{name} is no day; date_format is for days")
    if any(leaf.decimal for leaf in rule.leaves) and not isinstance(kind, Exact | Integer):
        raise ValueError(f"{name} is no number; decimal is for numbers")
    if rule.ref and rule.ref != point_at:
        wanted = f"names {point_at}" if point_at else "names no other record"
        raise ValueError(f"{name} {wanted}; ref cannot be {rule.ref!r}")
    if point_at and not rule.ref:
        raise ValueError(f"{name} names a record; say ref: {point_at}")
    if rule.when and (ladder is None or (isinstance(rule.when, str) and not hasattr(ladder.states, "is_open"))):
        raise ValueError(f"{name} belongs to no deal and to nothing else that is opened and closed; when is for those")
    if rule.not_after and not (_is_time(table, name) and _is_time(table, rule.not_after)):
        raise ValueError(f"{name} and {rule.not_after} are not both days; not_after is for days")
    if rule.minutes_after and not (isinstance(kind, Moment) and _is_time(table, rule.minutes_after)):
        raise ValueError(f"{name} and {rule.minutes_after} are not both moments; minutes_after is for moments")
    if unknown := set(rule.named or {}) - set(targets(table)):
        raise ValueError(f"{', '.join(sorted(unknown))} name no other record; named is for fields that do")


def _is_time(table: Table, name: str) -> bool:
    return name in table.c and isinstance(bare(table.c[name]), Date | Moment)
