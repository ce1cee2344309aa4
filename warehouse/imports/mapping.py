"""What a mapping may say: which file holds which entity, which column is which field."""

from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Date, Integer

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.base import Base
from warehouse.oltp.types import Money

IMPORTABLE = ("memberships", "products", "customers", "contacts", "opportunities", "activities")


DateFormat = Literal["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"]


class ImportProblem(Exception):
    """A mapping or a file that cannot be followed: what, where and what to do. Nothing was written."""


class Strict(BaseModel):
    """An unknown key in a mapping is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldRule(Strict):
    """Where one field's value comes from. A bare column name in YAML is short for `{column: NAME}`."""

    column: str | None = None
    value: str | int | bool | None = None
    """The same for every row."""
    join: list[str] | None = None
    """Several columns, the blank ones left out, with ` · ` between them."""
    values: dict[str, str] = Field(default_factory=dict)
    """What the source writes → what we write; a value not named here stays as it is."""
    multiply: Decimal | None = None
    """For amounts the source keeps in thousands or millions."""
    ref: Literal["memberships", "products", "customers", "contacts", "opportunities"] | None = None
    """The column holds the key of another entity of the same mapping."""
    date_format: DateFormat | None = None
    """For days, where the column's own values leave open which part is the day."""
    decimal: Literal[".", ","] | None = None
    """For numbers, where the column's own values leave open which sign begins the decimals."""

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldRule":
        if sum(origin is not None for origin in (self.column, self.value, self.join)) != 1:
            raise ValueError("say exactly one of column, value or join")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns it reads."""
        return self.join or ([self.column] if self.column else [])


Rule = Annotated[FieldRule, BeforeValidator(lambda given: {"column": given} if isinstance(given, str) else given)]


class StageStep(Strict):
    """A rung of the ladder that a deal reached on the day in a column; a blank day means it did not."""

    day: str
    stage: str | None = None
    """Which rung; unset, the deal's own stage where that is a closed one."""
    date_format: DateFormat | None = None


class EntityRule(Strict):
    """One entity read from one file: a record per distinct key."""

    into: Literal["memberships", "products", "customers", "contacts", "opportunities", "activities"]
    file: str
    key: str
    fields: dict[str, Rule]
    lines: Rule | None = None
    """For deals: the column that names the product."""
    stage_history: list[StageStep] = Field(default_factory=list)

    @model_validator(mode="after")
    def _known_fields(self) -> "EntityRule":
        table = Base.metadata.tables[self.into]
        offered = [c.name for c in table.c if c.name not in _KEPT and not c.name.startswith("derived_")]
        for name in self.fields:
            if name not in offered:
                near = get_close_matches(name, offered, n=3) or offered
                raise ValueError(f"{self.into} has no field {name!r}; nearest: {', '.join(near)}")
        for name, rule in self.fields.items():
            if rule.date_format and not isinstance(table.c[name].type, Date):
                raise ValueError(f"{name} is no day; date_format is for days")
            if rule.decimal and not isinstance(table.c[name].type, Money | Integer):
                raise ValueError(f"{name} is no number; decimal is for numbers")
        for column in table.c:
            needed = column.name in offered and not column.nullable and column.default is None
            if needed and column.name not in self.fields:
                raise ValueError(f"{self.into} needs the field {column.name!r}")
        return self


_KEPT = {
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


class Mapping(Strict):
    """How one foreign export becomes our records."""

    source: str = Field(pattern="^[a-z][a-z0-9_]{1,58}$")
    description: str = ""
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    entities: list[EntityRule]

    def columns_of(self, file: str) -> dict[str, str]:
        """Every column the mapping reads from a file → where it is asked for."""
        asked: dict[str, str] = {}
        for entity in (e for e in self.entities if e.file == file):
            asked.setdefault(entity.key, f"key of {entity.into}")
            for name, rule in entity.fields.items():
                asked.update({c: f"{entity.into}.{name}" for c in rule.columns if c not in asked})
            for column in entity.lines.columns if entity.lines else []:
                asked.setdefault(column, f"lines of {entity.into}")
            for step in entity.stage_history:
                asked.setdefault(step.day, f"stage history of {entity.into}")
        return asked


def read_mapping(path: Path) -> Mapping:
    """The mapping in a YAML file; ImportProblem says what is wrong with it and where."""
    if not path.is_file():
        raise ImportProblem(f"There is no mapping file {path}. Shipped ones: {', '.join(shipped_mappings())}.")
    try:
        given: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(given)
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise ImportProblem(f"{path} is not readable YAML: {broken}") from broken
    except ValidationError as wrong:
        told = "\n".join(
            f"  {_place(e['loc'], given)}: {e['msg'].removeprefix('Value error, ')}" for e in wrong.errors()
        )
        raise ImportProblem(f"{path} is not a mapping we can follow:\n{told}") from wrong


def shipped_mappings() -> list[str]:
    """The mappings that come with the product."""
    folder = Path(__file__).parent
    return sorted(f"warehouse/imports/{found.name}" for found in folder.glob("*.yml"))


def _place(location: tuple[int | str, ...], given: Any) -> str:
    """`entities → 2 (customers) → fields → name` instead of a tuple of numbers."""
    parts: list[str] = []
    for part in location:
        try:
            given = given[part]
        except (KeyError, IndexError, TypeError):
            given = None
        into = f" ({given['into']})" if isinstance(part, int) and isinstance(given, dict) and "into" in given else ""
        parts.append(f"{part}{into}")
    return " → ".join(parts) or "the file"
