"""What a mapping may say as a whole: which file holds which entity, and where the shipped ones are."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from warehouse.imports.field_rule import Strict
from warehouse.imports.rules import EntityRule

SHIPPED = Path(__file__).parent


class ImportProblem(Exception):
    """A mapping or a file that cannot be followed: what, where and what to do. Nothing was written."""


class FileSign(Strict):
    """What a file is known by. A bare list in YAML is short for `{columns: LIST}`."""

    columns: list[str]
    lacks: list[str] = Field(default_factory=list)
    """Columns that tell it from a file of another kind: it has none of them."""
    unlike: list[str] = Field(default_factory=list)
    """Words in its name, or its folder's, that tell it is of another kind."""
    under: str | None = None
    """The folder inside the export that such files are in; the export's folders are looked into then."""
    each: bool = False
    """There may be several such files, one per audience or campaign: each is read."""


Sign = Annotated[FileSign, BeforeValidator(lambda given: {"columns": given} if isinstance(given, list) else given)]


class Mapping(Strict):
    """How one foreign export becomes our records."""

    source: str = Field(pattern="^[a-z][a-z0-9_]{1,58}$")
    description: str = ""
    vendor: str | None = None
    """Whose export it is, where it is one that many people have."""
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    """What amounts are in that say nothing themselves; unset, the organization's own currency."""
    files: dict[str, Sign] = Field(default_factory=dict)
    """Name of a file in this mapping → what it is known by, where its own name is not always the same."""
    blanks: list[str] = Field(default_factory=list)
    """What the source writes where it says nothing, beside an empty cell."""
    entities: list[EntityRule]

    @property
    def has_folders(self) -> bool:
        """Whether the export keeps files in folders of its own."""
        return any(sign.under for sign in self.files.values())

    def columns_of(self, file: str) -> dict[str, str]:
        """Every column the mapping reads from a file → where it is asked for."""
        asked: dict[str, str] = {}
        for entity in self.entities:
            for column, place in _asked(entity, file):
                asked.setdefault(column, place)
        return asked


def _asked(entity: EntityRule, file: str) -> list[tuple[str, str]]:
    into, told = entity.into, entity.stage_file
    found: list[tuple[str, str]] = []
    if entity.file == file:
        found += [(column, f"key of {into}") for column in entity.key.columns]
        found += [(column, f"{into}.{name}") for name, rule in entity.fields.items() for column in rule.columns]
        found += [(column, f"metadata of {into}") for rule in entity.metadata.values() for column in rule.columns]
        found += [(column, f"lines of {into}") for column in (entity.lines.columns if entity.lines else [])]
        found += [(column, f"stage history of {into}") for step in entity.stage_history for column in step.day.columns]
        found += [(rows.column, f"rows of {into}") for rows in (entity.skip, entity.only) if rows]
        found += [(entity.known_as, f"another name of {into}")] if entity.known_as else []
    if told and told.file == file:
        read = [told.of, *told.stage.columns, *told.day.columns, *([told.only.column] if told.only else [])]
        found += [(column, f"stage history of {into}") for column in read]
    return found


def read_mapping(path: Path) -> Mapping:
    """The mapping in a YAML file, or the shipped one of that name; ImportProblem says what is wrong with it."""
    found = path if path.is_file() else SHIPPED / f"{path}.yml"
    if not found.is_file() or (found != path and path.name != str(path)):
        raise ImportProblem(
            f"There is no mapping file {path}, and none of that name is shipped. "
            f"Shipped ones: {', '.join(shipped_mappings())}."
        )
    try:
        given: Any = yaml.safe_load(found.read_text(encoding="utf-8"))
        return Mapping.model_validate(given)
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise ImportProblem(f"{path} is not readable YAML: {broken}") from broken
    except ValidationError as wrong:
        told = "\n".join(
            f"  {_place(e['loc'], given)}: {e['msg'].removeprefix('Value error, ')}" for e in wrong.errors()
        )
        raise ImportProblem(f"{path} is not a mapping we can follow:\n{told}") from wrong


def shipped_mappings() -> list[str]:
    """The names of the mappings that come with the product."""
    return sorted(found.stem for found in SHIPPED.glob("*.yml"))


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
