"""What an import tells about its source: findings that people should know, and rows that were not loaded."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.imports.mapping import ImportProblem
from warehouse.imports.sheets import Row, Sheet
from warehouse.oltp.organization import Severity


@dataclass
class Finding:
    """Something about the source that people should know: how many rows, and some of their ids."""

    name: str
    subject: str
    message: str
    rows: int = 0
    sample: list[str] = field(default_factory=list)
    severity: Severity = Severity.INFO


class RowRefused(Exception):
    """A row breaks a rule. `told` says it without the row's value, for the check results."""

    def __init__(self, kind: str, reason: str, told: str | None = None, *, of_a_field: bool = False) -> None:
        super().__init__(reason)
        self.kind, self.reason, self.told, self.of_a_field = kind, reason, told or reason, of_a_field


@dataclass
class Reject:
    """A row that was not loaded, and every reason why."""

    cells: list[str]
    reasons: list[str] = field(default_factory=list)


@dataclass
class Rejects:
    """The rows of every file that were not loaded. Strict, the first one ends the import."""

    strict: bool = False
    files: dict[str, dict[int, Reject]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def add(self, sheet: Sheet, number: int, cells: list[str], refused: RowRefused) -> None:
        """Keep one row; ImportProblem when strict."""
        if self.strict:
            between = ", " if refused.of_a_field else ": "
            raise ImportProblem(f"{sheet.name} row {number}{between}{refused.reason}. Nothing was imported.")
        self.columns[sheet.name] = sheet.columns
        reject = self.files.setdefault(sheet.name, {}).setdefault(number, Reject(cells))
        if refused.reason not in reject.reasons:
            reject.reasons.append(refused.reason)

    def write(self, folder: Path) -> list[tuple[str, int, Path]]:
        """One CSV per file, the rows in the file's order; (file, rows, where) of each."""
        written = []
        for name, rows in self.files.items():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = folder / f"{name.removesuffix('.csv').replace('/', '-')}-rejects.csv"
            _write(path, self.columns[name], sorted(rows.items()))
            written.append((name, len(rows), path))
        return written


def cells_of(sheet: Sheet, row: Row) -> list[str]:
    """A row as cells again."""
    return [row[column] or "" for column in sheet.columns]


def _write(path: Path, columns: list[str], rows: Iterable[tuple[int, Reject]]) -> None:
    rows = list(rows)
    widest = max(len(reject.cells) for _, reject in rows)
    more = [f"extra_{place}" for place in range(1, widest - len(columns) + 1)]
    with path.open("w", encoding="utf-8", newline="") as opened:
        path.chmod(0o600)
        writer = csv.writer(opened)
        writer.writerow(["row", "reason", *columns, *more])
        for number, reject in rows:
            writer.writerow([number, "; ".join(reject.reasons), *reject.cells])
