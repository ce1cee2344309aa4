"""`longhouse sql`: an analyst's own questions to one organization's extract, read-only and behind the guard."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from apps.asking import As, Form, Org, actor_of

PROMPT, MORE = "sql> ", "...> "
MOST_SHOWN = 1_000
"""Rows that a table on the screen has at most; JSON and CSV have all that the worker hands out."""


def sql(
    org: Org,
    query: Annotated[str | None, typer.Argument(help="One SELECT; without, type several, each ended by `;`.")] = None,
    tables: Annotated[bool, typer.Option("--tables", help="List the tables and their columns.")] = False,
    form: Annotated[Form, typer.Option("--format", help="table, json or csv.")] = Form.TABLE,
    as_: As = None,
) -> None:
    """Ask an organization's numbers in SQL: one SELECT at a time, nothing is written."""
    from warehouse.metrics.serving import serving_as
    from warehouse.oltp.engine import reading

    with reading() as session:
        actor = actor_of(session, org, as_)
    opened = serving_as(actor)
    if tables:
        return _list_tables(opened)
    if query is not None:
        return _answer(opened, query, form)
    for one in _typed():
        _try(opened, one, form)
    return None


def _answer(opened: Any, query: str, form: Form) -> None:
    """Print the rows of one SELECT. Raises Refused or QueryFailed."""
    from apps.terminal import aside, print_rows

    found = opened.reader.query(query, tables=opened.open_tables())
    rows = found.records()
    shown = rows[:MOST_SHOWN] if form is Form.TABLE else rows
    print_rows(found.columns, shown, form.value, {"truncated": found.truncated})
    if form is not Form.JSON:
        more = f"; the first {len(shown):,} are shown" if found.truncated or len(shown) < len(rows) else ""
        aside.print(f"[dim]{len(rows):,} {'row' if len(rows) == 1 else 'rows'}{more}[/dim]")


def _try(opened: Any, query: str, form: Form) -> None:
    """The same, where a person goes on after a mistake."""
    from apps.terminal import aside
    from warehouse.extracts.guard import Refused
    from warehouse.extracts.process import QueryFailed, TooSlow, WorkerLost

    try:
        _answer(opened, query, form)
    except (Refused, QueryFailed, TooSlow, WorkerLost) as problem:
        aside.print(str(problem), style="red", markup=False)


def _typed() -> Iterator[str]:
    """Statements from standard input, each ended by a semicolon or by the end."""
    lines: list[str] = []
    asks = sys.stdin.isatty()
    while True:
        if asks:
            sys.stderr.write(MORE if lines else PROMPT)
            sys.stderr.flush()
        line = sys.stdin.readline()
        lines.append(line)
        if line.rstrip().endswith(";") or not line:
            statement = "".join(lines).strip()
            lines.clear()
            if statement.strip("; \n"):
                yield statement
        if not line:
            return


def _list_tables(opened: Any) -> None:
    from apps.terminal import print_rows

    known = {name: opened.models[name] for name in sorted(opened.open_tables())}
    rows = [
        {"table": name, "what a row is": model.description, "columns": ", ".join(_columns(model))}
        for name, model in known.items()
    ]
    print_rows(["table", "what a row is", "columns"], rows, Form.TABLE.value, {})


def _columns(model: Any) -> list[str]:
    """The extract belongs to one organization: its rows do not say to which."""
    return [name for name in model.columns if name not in {"organization_id", "row_fingerprint", "own_fields"}]
