"""`longhouse sql`: an analyst's own questions to one organization's extract, read-only and behind the guard."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from apps.asking import As, Form, Org, actor_of

if TYPE_CHECKING:
    from warehouse.metrics.serving import Serving
    from warehouse.tenancy import Actor

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
    from apps.own_sql import open_for_sql
    from warehouse.oltp.engine import reading

    with reading() as session:
        actor = actor_of(session, org, as_)
    opened = open_for_sql(actor)
    if tables:
        return _list_tables(opened)
    if query is not None:
        return _answer(actor, query, form)
    for one in _typed():
        _try(actor, one, form)
    return None


def _answer(actor: "Actor", query: str, form: Form) -> None:
    """Print the rows of one SELECT. Raises Refused or QueryFailed."""
    from apps.own_sql import ask_sql
    from apps.terminal import aside, print_rows

    found = ask_sql(actor, query)
    rows = found.records()
    shown = rows[:MOST_SHOWN] if form is Form.TABLE else rows
    print_rows(found.columns, shown, form.value, {"truncated": found.truncated})
    if form is not Form.JSON:
        more = f"; the first {len(shown):,} are shown" if found.truncated or len(shown) < len(rows) else ""
        aside.print(f"[dim]{len(rows):,} {'row' if len(rows) == 1 else 'rows'}{more}[/dim]")


def _try(actor: "Actor", query: str, form: Form) -> None:
    """The same, where a person goes on after a mistake."""
    from apps.terminal import aside
    from warehouse.extracts.guard import Refused
    from warehouse.extracts.process import QueryFailed, TooSlow, WorkerLost

    try:
        _answer(actor, query, form)
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


def _list_tables(opened: "Serving") -> None:
    from apps.own_sql import columns_to_ask
    from apps.terminal import print_rows

    known = {name: opened.models[name] for name in sorted(opened.open_tables())}
    rows = [
        {"table": name, "what a row is": model.description, "columns": ", ".join(columns_to_ask(model.columns))}
        for name, model in known.items()
    ]
    print_rows(["table", "what a row is", "columns"], rows, Form.TABLE.value, {})
