"""What a guess about a foreign export is made of: entities, their fields, and how sure each is."""

import re
from dataclasses import dataclass, field

from warehouse.imports.field_rule import DateFormat
from warehouse.imports.sheets import Sheet

HIGH, FAIR, LOW = "high", "fair", "low"


@dataclass
class Guess:
    """One field's column, how sure we are and why, and what the mapping must add."""

    column: str
    confidence: str
    why: str
    values: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    """Words of the source that we have none for."""
    date_format: DateFormat | str | None = None
    decimal: str | None = None


@dataclass
class EntityGuess:
    """One file as one entity."""

    into: str
    sheet: Sheet
    key: str
    fields: dict[str, Guess] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    """Fields that are the same for every row."""
    named_by: dict[str, str] = field(default_factory=dict)
    """Field that names another record → the column people know that record by."""
    mentioned: bool = False
    """The file is about something else and only names these."""


def plain(text: str) -> str:
    """`Account Name`, `accountName` and `ACCOUNT-NAME` are all account_name."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def distinct(sheet: Sheet, column: str) -> list[str]:
    """A column's values, each once, blanks left out."""
    return list(dict.fromkeys(text for row in sheet.rows if (text := row[column])))
