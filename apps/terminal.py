"""What the command line shows: progress, tables, and one sentence when something is wrong."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from traceback import format_exception
from typing import Any

from rich.console import Console
from rich.table import Table

from apps.children import run_job
from warehouse.spreadsheet import safe_cell

screen = Console(highlight=False)
aside = Console(stderr=True, highlight=False)

STEPS = {
    "ingest": "Copy what changed",
    "build": "Build and test the business model",
    "gate": "Read the checks",
    "commit": "Commit to the lake",
    "publish": "Publish",
    "alerts": "Alerts",
    "refresh": "Refresh",
    "definitions": "Definitions",
}

ERROR_COLUMNS = ("id", "last_at", "first_at", "count", "release", "source", "kind", "place")


@contextmanager
def working(text: str) -> Iterator[None]:
    """A spinner with a sentence on standard error, for work that takes more than a moment."""
    with aside.status(text):
        yield


def follow_job(job: str) -> None:
    """Run a job, one line per finished step and a spinner for the one at work. Raises JobFailed."""
    with aside.status("Starting …") as status:

        def heard(step: str, text: str) -> None:
            title = STEPS.get(step, step)
            if step == "build":
                status.update(f"{title} …")
            elif step != "definitions":
                aside.print(f"[green]✓[/green] {title}: {text}")

        run_job(job, heard)


def shown(value: object) -> str:
    """A value for a table: thousands separated, at most four decimals, a dash for unknown."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def plain(value: object) -> object:
    """A value for JSON and CSV: counts as numbers, every other number as an exact decimal string."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def print_rows(
    columns: Sequence[str],
    rows: Sequence[dict[str, Any]],
    form: str,
    extra: dict[str, Any],
    headings: Mapping[str, str] | None = None,
) -> None:
    """Rows as a table, as JSON with `extra` beside them, or as CSV in which no name is taken for a formula.

    `headings` are what columns are called in a table, where that is shorter than their names.
    """
    if form == "json":
        told = {"columns": list(columns), "rows": [{n: plain(v) for n, v in row.items()} for row in rows], **extra}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows([[plain(safe_cell(row[name])) for name in columns] for row in rows])
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in columns:
            numeric = any(isinstance(row[name], int | Decimal) for row in rows)
            table.add_column((headings or {}).get(name, name), justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(shown(row[name]) for name in columns))
        screen.print(table)


def tell_unforeseen(failure: Exception) -> str:
    """Keep the trace of an unforeseen failure where a developer finds it; what a person is told."""
    from warehouse.operations.errors import keep_error, write_down
    from warehouse.redaction import redact

    place = write_down("".join(format_exception(failure)), " ".join(sys.argv[1:]))
    reference = keep_error(failure, "command")
    said = redact(str(failure)).partition("\n")[0]
    return (
        f"Something went wrong inside Longhouse: {said}\n"
        f"The details are in {place} (`longhouse errors {reference}` shows them too)."
    )


def print_errors(form: str) -> None:
    """Every group of unforeseen failures, the one that happened last first."""
    from warehouse.oltp.engine import reading
    from warehouse.operations.errors import list_errors

    with reading() as session:
        rows = [
            {
                name: str(getattr(group, name)) if name.endswith("_at") else getattr(group, name)
                for name in ERROR_COLUMNS
            }
            for group in list_errors(session)
        ]
    if form != "table":
        print_rows(ERROR_COLUMNS, rows, form, {})
    elif not rows:
        screen.print("Nothing unforeseen has happened.")
    for row in rows if form == "table" else []:
        often = "once" if row["count"] == 1 else f"{row['count']:,} times"
        what = f"{row['kind'].rpartition('.')[2]} in {row['place'] or 'a library'}"
        when = f"{often}, last {row['last_at'][:16]}, {row['source']}, release {row['release']}"
        screen.print(f"{row['id']}  {what}\n            {when}", markup=False, soft_wrap=True)


def print_error(reference: str) -> None:
    """One group, with its trace. Raises NotFound."""
    from warehouse.oltp.engine import reading
    from warehouse.operations.errors import find_error

    with reading() as session:
        group = find_error(session, reference)
    for name in (*ERROR_COLUMNS, "message", "last_request_id"):
        screen.print(f"{name}: {shown(getattr(group, name))}", markup=False, soft_wrap=True)
    screen.print(f"\n{group.traceback}", markup=False, soft_wrap=True)
