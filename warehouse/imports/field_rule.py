"""What a mapping may say about one field."""

import re
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

DateFormat = Literal["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"]


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
    others: str | None = None
    """What every word becomes that is not among `values`; unset, it stays as it is."""
    part: str | None = None
    """A pattern whose first group is the part of the text that counts; a text that does not fit says nothing."""
    lower: bool = False
    """The text counts in lower case: for e-mail addresses."""
    multiply: Decimal | None = None
    """For amounts the source keeps in thousands or millions."""
    ref: str | None = None
    """The column holds the key of another entity of the same mapping."""
    named: dict[str, str] | None = None
    """Fields that name other records → the word for a row in which the field names somebody, first things first."""
    minutes_after: str | None = None
    """The column holds minutes: the moment is so much later than this other moment of the row."""
    split: str | None = None
    """The column holds several keys with this sign between them; the first that is known is taken."""
    maybe: bool = False
    """The column may hold keys of something else: one that is not known is no finding."""
    when: Literal["open", "closed"] | list[str] | None = None
    """For what moves from state to state: blank unless the record is open, closed, or in one of these states."""
    not_after: str | None = None
    """For days and moments: blank where it is later than this other one of the row."""
    date_format: DateFormat | None = None
    """For days, where the column's own values leave open which part is the day."""
    decimal: Literal[".", ","] | None = None
    """For numbers, where the column's own values leave open which sign begins the decimals."""

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldRule":
        if sum(origin is not None for origin in (self.column, self.value, self.join, self.first, self.named)) != 1:
            raise ValueError("say exactly one of column, value, join, first or named")
        if self.first is not None and (self.values or self.multiply or self.date_format or self.decimal):
            raise ValueError("values, multiply, date_format and decimal belong to the rules inside first")
        for inner in self.first or []:
            if inner.first or inner.named or inner.ref or inner.when or inner.not_after or inner.minutes_after:
                raise ValueError("first, named, ref, when, not_after and minutes_after do not belong inside first")
        return self

    @field_validator("part")
    @classmethod
    def _one_group(cls, given: str | None) -> str | None:
        try:
            fits = given is None or re.compile(given).groups == 1
        except re.error as broken:
            raise ValueError(f"part is no pattern: {broken}") from broken
        if not fits:
            raise ValueError("part is a pattern with one group, in parentheses")
        return given

    @property
    def leaves(self) -> "list[FieldRule]":
        """The rules that read columns: itself, or those inside `first`."""
        return [self] if self.first is None else self.first

    @property
    def columns(self) -> list[str]:
        """The columns it reads."""
        return [name for leaf in self.leaves for name in leaf.join or ([leaf.column] if leaf.column else [])]

    @property
    def told(self) -> str:
        """What it reads, for people."""
        return " and ".join(self.columns) or str(self.value)

    def word(self, found: str) -> str | None:
        """Our word for the source's; case does not matter where none is written exactly so."""
        if self.part:
            there = re.search(self.part, found)
            if there is None:
                return None
            found = there[1]
        if self.lower:
            found = found.lower()
        return self.values[found] if found in self.values else self._folded.get(found.casefold(), self.others or found)

    def is_other(self, found: str) -> bool:
        """Whether a word of the source has none of ours, and what others become stands in for it."""
        return self.others is not None and found not in self.values and found.casefold() not in self._folded

    @cached_property
    def _folded(self) -> dict[str, str | None]:
        return {theirs.casefold(): ours for theirs, ours in self.values.items()}


Rule = Annotated[FieldRule, BeforeValidator(lambda given: {"column": given} if isinstance(given, str) else given)]
FieldRule.model_rebuild()


def folded(name: str) -> str:
    """A column's or file's name as people mean it: case, spaces at its ends and a closing star do not matter."""
    return name.strip().removesuffix("*").strip().casefold()
