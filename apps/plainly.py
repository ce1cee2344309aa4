"""`longhouse ask`: a question in plain words, its answer with what it was understood as, and how well that works."""

import json
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from apps.asking import As, Org, actor_of, day_of


class _Asks(TyperGroup):
    """What is no verb of its own is a question."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in {"--help"}:
            args = ["question", *args]
        return super().parse_args(ctx, args)


asks = typer.Typer(cls=_Asks, no_args_is_help=True, help="Ask in plain words: longhouse ask QUESTION --org SLUG.")


class Told(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"


AsOf = Annotated[str | None, typer.Option(help="What today is: nothing later counts.")]


@asks.command()
def question(
    words: Annotated[list[str], typer.Argument(metavar="QUESTION", help="In plain words, in quotes.")],
    org: Org,
    as_of: AsOf = None,
    form: Annotated[Told, typer.Option("--format")] = Told.TEXT,
    as_: As = None,
) -> None:
    """Answer a question in plain words: its rows, how it was understood, in which days, and the receipt."""
    from apps.model_budget import budget_of
    from ml.language.answering import told
    from ml.language.planner import read
    from ml.language.provider import Connection

    actor, asking = _asking(org, as_of, as_)
    plan = read(asking, " ".join(words), None, Connection.of_settings(), budget_of(actor))
    if plan.kind != "semantic":
        return _no_answer(plan, form)
    found = told(asking.serving, plan)
    _answer(plan, found.table, found.receipts(actor), form)
    return None


@asks.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Questions with what they should be answered with, as YAML.")],
    org: Org,
    form: Annotated[Told, typer.Option("--format")] = Told.TEXT,
    as_: As = None,
) -> None:
    """Ask every question of a file and count what was right, wrong, and not answered."""
    from ml.language.cases import read_cases
    from ml.language.evaluation import evaluate as run

    day, cases = read_cases(file)
    _, asking = _asking(org, day.isoformat() if day else None, as_)
    score = run(asking, cases)
    if form is Told.JSON:
        sys.stdout.write(json.dumps(score, ensure_ascii=False, default=str) + "\n")
        return
    for name, value in score.items():
        if name != "failures":
            typer.echo(f"{name}: {value}")
    for failure in score["failures"]:
        typer.echo(f"  {failure['id']} ({failure['outcome']}): {failure['question']} → {failure['told']}")


def _asking(slug: str, as_of: str | None, email: str | None) -> tuple[Any, Any]:
    """Who asks, and of what: the extract, the day and the calendar."""
    from ml.language.work import Asking
    from warehouse.metrics.calendar import calendar_of
    from warehouse.metrics.serving import serving_as
    from warehouse.oltp.days import today_at
    from warehouse.oltp.engine import reading

    with reading() as session:
        actor = actor_of(session, slug, email)
        calendar, today = calendar_of(session, actor.organization_id), today_at(session, actor.organization_id)
    return actor, Asking(serving_as(actor), day_of(as_of, "--as-of") or today, calendar)


def _no_answer(plan: Any, form: Told) -> None:
    if form is Told.JSON:
        told = plan.model_dump(mode="json", include={"kind", "reason", "why", "options", "unmatched"})
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    typer.echo(plan.reason)
    for option in plan.options:
        typer.echo(f"  · {option}")


def _answer(plan: Any, table: Any, receipts: list[str], form: Told) -> None:
    from apps.terminal import aside, print_rows

    asked = plan.question
    told = {
        "kind": plan.kind,
        "understood": plan.understood,
        "assumptions": list(plan.assumptions),
        "question": asked.canonical(),
        "window": {"from": _iso(asked.start), "to": _iso(asked.end), "as_of": asked.as_of.isoformat()},
        "receipt": receipts[0],
    }
    told |= {"receipt_before": receipts[1]} if len(receipts) > 1 else {}
    if form is Told.TEXT:
        typer.echo(plan.understood)
        if not table.rows:
            typer.echo("There is no data for this.")
    if table.rows or form is Told.JSON:
        print_rows(table.columns, table.rows, "json" if form is Told.JSON else "table", told, table.headings)
    if form is Told.TEXT:
        for note in plan.assumptions:
            aside.print(f"[dim]taken as: {note}[/dim]", markup=True)
        aside.print(f"[dim]as of {asked.as_of} · receipt {' and '.join(receipts)}[/dim]")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
