"""Reads JSON exports, one object per line or a list of them, as tables: lists inside an object are tables of their own."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from warehouse.imports.decoding import decoded
from warehouse.imports.mapping import ImportProblem

SUFFIXES = {".json", ".ndjson", ".jsonl"}
PARENT = "parent."
"""What the columns of the object are called in the tables of its lists."""


@dataclass(frozen=True)
class Table:
    """Objects of one kind: a column per key, `via.channel` for what is inside another object."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str | None]]] = field(default_factory=list)
    """Number of the object in its file, from one, and its values as text."""

    def add(self, number: int, row: dict[str, str | None]) -> None:
        """Keep one object; columns stand in the order they were first seen."""
        self.rows.append((number, row))
        known = set(self.columns)
        self.columns.extend(column for column in row if column not in known)


def is_document(name: str) -> bool:
    """Whether the name is a JSON file's, or a table's in one."""
    return Path(document_of(name)).suffix.lower() in SUFFIXES


def document_of(name: str) -> str:
    """`tickets.json` for `tickets.json/comments`; another name comes back as it is."""
    parts = name.split("/")
    for place, part in enumerate(parts, start=1):
        if Path(part).suffix.lower() in SUFFIXES:
            return "/".join(parts[:place])
    return name


def tables_of_document(path: Path, name: str) -> list[Table]:
    """The objects of a file, and the objects in their lists as `FILE/LIST`; ImportProblem where it is no such JSON."""
    found = path.stat()
    return _tables(path, name, (found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=4)
def _tables(path: Path, name: str, _state: tuple[int, int]) -> list[Table]:
    main, others = Table(name), dict[str, Table]()
    for number, record in enumerate(_objects(decoded(path, name)[0], name), start=1):
        row = dict(_flat(record, ""))
        main.add(number, row)
        for key, items in record.items():
            if not _is_list_of_objects(items):
                continue
            table = others.setdefault(key, Table(f"{name}/{key}"))
            for item in items:
                table.add(number, {f"{PARENT}{column}": value for column, value in row.items()} | dict(_flat(item, "")))
    return [main, *others.values()]


def _objects(text: str, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a whole document that is a list or holds one, else those of its lines."""
    try:
        whole = json.loads(text, parse_float=str, parse_int=str)
    except json.JSONDecodeError:
        whole = _lines(text, name)
    if isinstance(whole, dict):
        lists = [items for items in whole.values() if _is_list_of_objects(items)]
        # An answer of an API is one list with a few words about it; an object with an id is a record itself.
        whole = lists[0] if len(lists) == 1 and "id" not in whole else [whole]
    for one in whole if isinstance(whole, list) else []:
        if not isinstance(one, dict):
            raise ImportProblem(
                f"{name} holds no list of objects. Export it as JSON with one object per line, or as CSV."
            )
        yield one


def _lines(text: str, name: str) -> list[Any]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(json.loads(line, parse_float=str, parse_int=str))
            except json.JSONDecodeError as broken:
                raise ImportProblem(f"{name} line {number} is no JSON: {broken.msg}. Export it again.") from broken
    return found


def _is_list_of_objects(items: Any) -> bool:
    return isinstance(items, list) and bool(items) and all(isinstance(item, dict) for item in items)


def _flat(record: Mapping[str, Any], before: str) -> Iterator[tuple[str, str | None]]:
    """Column and text of every value; `{id, value}` pairs become columns too, other lists of objects do not."""
    for key, value in record.items():
        column = f"{before}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{column}.")
        elif _is_list_of_objects(value):
            pairs = {str(item["id"]): item["value"] for item in value if {*item} == {"id", "value"}}
            yield from _flat(pairs, f"{column}.")
        elif value != []:
            yield column, _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := _text(item))) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() or None if value is not None else None
