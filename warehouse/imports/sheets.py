"""Reads foreign files as plain text, row by row; every value stays what the file says."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from warehouse.imports.mapping import ImportProblem

Row = dict[str, str | None]


@dataclass(frozen=True)
class Sheet:
    """One file: its name and its rows, blanks as None. Row numbers count the heading as 1."""

    name: str
    columns: list[str]
    rows: list[Row]

    def require(self, asked: dict[str, str]) -> None:
        """Raise ImportProblem for columns that are not there, naming the nearest."""
        problems = []
        for column, wanted_by in asked.items():
            if column not in self.columns:
                near = get_close_matches(column, self.columns, n=3, cutoff=0.5) or self.columns
                problems.append(f"  {column!r} ({wanted_by}); nearest: {', '.join(near)}")
        if problems:
            raise ImportProblem(f"{self.name} has no such column:\n" + "\n".join(problems))


def read_sheet(folder: Path, name: str) -> Sheet:
    """The rows of a CSV file, or ImportProblem with the reason it cannot be read."""
    path = folder / name
    if not path.is_file():
        there = sorted(p.name for p in folder.glob("*") if p.is_file()) if folder.is_dir() else []
        near = get_close_matches(name, there, n=3, cutoff=0.4) or there
        found = f"It holds: {', '.join(near)}." if near else "It holds no files."
        raise ImportProblem(f"There is no {name} in {folder}. {found}")
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.NoDataError:
        raise ImportProblem(f"{name} is empty.") from None
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as broken:
        reason = str(broken).splitlines()[0]
        raise ImportProblem(f"{name} cannot be read as CSV in UTF-8: {reason}") from broken
    return Sheet(name, frame.columns, list(_cleaned(frame.iter_rows(named=True))))


def _cleaned(rows: Iterable[dict[str, str | None]]) -> Iterable[Row]:
    for row in rows:
        yield {name: (value.strip() or None) if value else None for name, value in row.items()}
