"""Writes a mapping for an export nobody has mapped yet, with how sure each line is and what it was seen in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from warehouse.imports.guess import guess_entities
from warehouse.imports.guessed import LOW, EntityGuess, Guess, distinct, plain
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.sheets import Sheet, read_sheet, tables_in
from warehouse.imports.spreadsheets import is_workbook, tables_of
from warehouse.imports.synonyms import REFERENCES
from warehouse.imports.vendors import not_covered, recognised, shipped_text
from warehouse.oltp.base import Base


@dataclass
class Suggestion:
    """A mapping as text, and what could not be mapped."""

    text: str
    open_points: list[str] = field(default_factory=list)


def suggest(path: Path) -> Suggestion:
    """A mapping for a file or for the files of a folder; ImportProblem where nothing can be made of it."""
    if not path.exists():
        raise ImportProblem(f"There is no file or folder {path}.")
    folder = path if path.is_dir() else path.parent
    sheets, points = _readable(path)
    vendor = recognised(sheets)
    if vendor:
        return Suggestion(shipped_text(vendor), [*not_covered(vendor, folder), *points])
    entities, unknown = guess_entities(sheets)
    points += [f"{sheet.name}: none of our entities; columns {', '.join(sheet.columns)}" for sheet in unknown]
    if not entities:
        told = "\n".join(f"  {point}" for point in points) or "  It holds no files of separated cells and no workbooks."
        raise ImportProblem(f"No mapping can be suggested for {path}:\n{told}")
    lines = [
        "# A suggestion: read every line, correct what is wrong, then try it with --dry-run.",
        f"source: {_source(folder.resolve().name if path.is_dir() else path.stem)}",
        "currency: USD  # a guess: no file is asked for it",
        "",
        "entities:",
    ]
    for entity in entities:
        lines += [*_managers(entity), *_entity(entity, entities), ""]
        points += _left_over(entity, entities)
    return Suggestion("\n".join(lines).rstrip() + "\n", points)


def _readable(path: Path) -> tuple[list[Sheet], list[str]]:
    """The tables of a folder or of one file, and why others cannot be read."""
    if path.is_dir():
        folder, (names, points) = path, tables_in(path)
        if not names:
            names, points = tables_in(path, deep=True)
    else:
        folder, points = path.parent, []
        names = tables_of(path, path.name) if is_workbook(path.name) else [path.name]
    sheets = []
    for name in names:
        try:
            sheets.append(read_sheet(folder, name))
        except ImportProblem as problem:
            points.append(str(problem))
    return sheets, points


def _source(name: str) -> str:
    told = re.sub(r"^[^a-z]+", "", plain(name))[:58]
    return told if len(told) > 1 else "export"


def _scalar(value: str) -> str:
    told = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9)
    return told.strip()[1:-1]


def _managers(entity: EntityGuess) -> Iterator[str]:
    """Managers who have no row of their own become members too, so that others can name them."""
    column = _outside_manager(entity)
    if column:
        yield from (
            f"  - into: memberships  # the managers, who have no rows of their own in {entity.sheet.name}",
            f"    file: {_scalar(entity.sheet.name)}",
            f"    key: {_scalar(column)}",
            "    fields:",
            f"      name: {_scalar(column)}",
            "      business_role: {value: Sales Manager}",
            "",
        )


def _outside_manager(entity: EntityGuess) -> str | None:
    guess = entity.fields.get("manager_id")
    if entity.into != "memberships" or guess is None:
        return None
    keys = set(distinct(entity.sheet, entity.key))
    return None if set(distinct(entity.sheet, guess.column)) <= keys else guess.column


def _entity(entity: EntityGuess, all_of_them: list[EntityGuess]) -> Iterator[str]:
    yield f"  - into: {entity.into}"
    yield f"    file: {_scalar(entity.sheet.name)}"
    samples = ", ".join(distinct(entity.sheet, entity.key)[:2])
    yield f"    key: {_scalar(entity.key)}  # {'unique' if _unique(entity) else 'low: repeated'}; {_short(samples)}"
    if entity.mentioned:
        yield "    mentioned: true  # the file is about something else: each of these is taken from its first row"
    yield "    fields:"
    yield from _needed(entity)
    for name, word in entity.constants.items():
        yield f"      {name}: {{value: {word}}}  # low: no column is named like it"
    for name, guess in entity.fields.items():
        if name != "lines":
            yield _line(f"      {name}: ", name, guess, entity)
    if "lines" in entity.fields:
        yield _line("    lines: ", "lines", entity.fields["lines"], entity)
    yield from _history(entity)


def _unique(entity: EntityGuess) -> bool:
    return len(distinct(entity.sheet, entity.key)) == len(entity.sheet.rows)


def _needed(entity: EntityGuess) -> Iterator[str]:
    """Fields every record must have and no column is: put together from others."""
    if "name" in Base.metadata.tables[entity.into].c and "name" not in entity.fields:
        known = entity.named_by
        parts = [known.get(n, entity.fields[n].column) for n in ("customer_id", "lines") if n in entity.fields]
        # A deal may name no customer: with its product beside it, the name is never blank.
        told = f"{{join: [{', '.join(map(_scalar, parts))}]}}" if len(parts) > 1 else _scalar(entity.key)
        yield f"      name: {told}  # low: no column is named like it"
    if entity.into == "activities":
        if "kind" not in entity.fields:
            yield "      kind: {value: note}  # low: no column is named like it"
        if "subject" not in entity.fields:
            yield f"      subject: {_scalar(entity.key)}  # low: no column is named like it"


def _line(start: str, name: str, guess: Guess, entity: EntityGuess) -> str:
    said = [f"column: {_scalar(guess.column)}"]
    if name in REFERENCES:
        said.append(f"ref: {REFERENCES[name]}")
    if guess.values:
        said.append("values: {" + ", ".join(f"{_scalar(a)}: {_scalar(b)}" for a, b in guess.values.items()) + "}")
    if guess.date_format:
        said.append(f"date_format: {guess.date_format}")
    if guess.decimal:
        said.append(f"decimal: {guess.decimal!r}")
    rule = _scalar(guess.column) if len(said) == 1 else "{" + ", ".join(said) + "}"
    samples = _short(", ".join(distinct(entity.sheet, guess.column)[:3])) or "no values"
    return f"{start}{rule}  # {guess.confidence}: {_short(guess.why)}; {samples}"


def _short(text: str) -> str:
    told = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return told if len(told) <= 90 else f"{told[:90]}…"


def _history(entity: EntityGuess) -> Iterator[str]:
    opened, closed = entity.fields.get("opened_on"), entity.fields.get("closed_on")
    if entity.into != "opportunities" or not (opened or closed):
        return
    yield "    stage_history:"
    if opened:
        stage = "qualified" if "engag" in plain(opened.column) or "qualif" in plain(opened.column) else "lead"
        yield f"      - {_step(opened, f'stage: {stage}, ')}  # low: which rung a deal reached on that day"
    if closed:
        yield f"      - {_step(closed, '')}  # the rung the deal closed with"


def _step(guess: Guess, stage: str) -> str:
    told = f", date_format: {guess.date_format}" if guess.date_format else ""
    return f"{{{stage}day: {_scalar(guess.column)}{told}}}"


def _left_over(entity: EntityGuess, entities: list[EntityGuess]) -> Iterator[str]:
    """What a person has to look at in one file; what is left of it is told once, however many it holds."""
    name = entity.sheet.name
    beside = [one for one in entities if one.sheet is entity.sheet]
    used = {column for one in beside for column in (one.key, *(guess.column for guess in one.fields.values()))}
    rest = [column for column in entity.sheet.columns if column not in used]
    if rest and entity is beside[-1]:
        yield f"{name}: no field for {', '.join(rest)}"
    yield from (f"{name}: {doubt}" for doubt in entity.doubts)
    for field_name, guess in entity.fields.items():
        if guess.unknown:
            words = ", ".join(guess.unknown[:5])
            yield f"{name}: {field_name} has no word of ours for {words}; say them under values"
        if guess.confidence == LOW:
            yield f"{name}: {field_name} from {guess.column!r} is uncertain ({guess.why})"
    yield from (f"{note}" for note in entity.sheet.notes)
