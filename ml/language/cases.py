"""Questions with what they should be answered with, read from a file."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator


class CasesUnreadable(Exception):
    """A file of questions is not what it should be; says where."""


OPERATORS = {
    "==": "=", "eq": "=", "is": "=", "<>": "!=", "neq": "!=", "ne": "!=", "not in": "not_in", "nin": "not_in",
    "is null": "is_null", "null": "is_null", "is not null": "not_null", "gt": ">", "gte": ">=", "ge": ">=",
    "lt": "<", "lte": "<=", "le": "<=",
}  # fmt: skip
"""What else people write for an operator."""


class Filter(BaseModel):
    """One condition of a gold question."""

    model_config = ConfigDict(extra="ignore")

    field: str
    op: Literal["=", "in", "!=", "not_in", "is_null", "not_null", ">", ">=", "<", "<="] = "in"
    values: list[Any] = []

    @field_validator("op", mode="before")
    @classmethod
    def _usual(cls, told: object) -> object:
        small = str(told).strip().casefold()
        return OPERATORS.get(small, small)

    @field_validator("values", mode="before")
    @classmethod
    def _several(cls, told: object) -> object:
        return told if isinstance(told, list | tuple) else [told]


class Gold(BaseModel):
    """What a question should have been understood as."""

    model_config = ConfigDict(extra="ignore")

    metrics: list[str]
    by: list[str] = []
    grain: str | None = None
    where: list[Filter] = []
    start: date | None = None
    end: date | None = None
    order: str | None = None
    limit: int | None = None


class Case(BaseModel):
    """A question, and the rows it should be answered with; or that it should not be answered."""

    model_config = ConfigDict(extra="ignore")

    id: str
    question: str
    kind: Literal["answer", "clarify", "refuse"]
    gold: Gold | None = None
    gold_sql: str | None = None
    ordered: bool = False
    tags: list[str] | str = []
    follows: str | None = None

    @field_validator("follows", mode="before")
    @classmethod
    def _named(cls, told: object) -> object:
        return told if told is None else str(told)


def read_cases(file: Path) -> tuple[date | None, list[Case]]:
    """The day a file's questions are asked on, and the questions. Raises CasesUnreadable."""
    try:
        whole = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise CasesUnreadable(f"{file} cannot be read: give the path of a YAML file.") from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise CasesUnreadable(f"{file} is no YAML{f' in line {mark.line + 1}' if mark else ''}.") from None
    told = whole.get("cases") if isinstance(whole, dict) else None
    if not isinstance(told, list) or not all(isinstance(one, dict) and "id" in one for one in told):
        raise CasesUnreadable(f"{file} needs `cases`: a list, each with an `id`, a `question` and its `kind`.")
    try:
        day = whole.get("as_of")
        return date.fromisoformat(str(day)) if day else None, [_case(one) for one in told]
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ", ".join(str(part) for part in first["loc"])
        raise CasesUnreadable(f"{file} has a case that is none: {where}: {first['msg']}.") from None
    except ValueError:
        raise CasesUnreadable(f"{file}: `as_of` is a date like 2026-01-31, not {whole.get('as_of')!r}.") from None


def _case(one: dict[str, Any]) -> Case:
    gold = one.get("gold")
    if isinstance(gold, dict):
        renamed = {"from": "start", "to": "end"}
        one = one | {"gold": {renamed.get(name, name): value for name, value in gold.items()}}
    return Case.model_validate(one | {"id": str(one["id"])})
