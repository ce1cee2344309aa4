"""`longhouse ml`: tells how good scores, forecasts and routing would be on a table, before anything is trusted."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from apps.asking import Form

ml = typer.Typer(no_args_is_help=True, help="How good guesses would be.")


class Task(StrEnum):
    """What is guessed."""

    CHURN = "churn"
    LEAD = "lead"
    WIN = "win"
    LATE = "late"
    FORECAST = "forecast"
    ROUTING = "routing"


@ml.callback()
def _group() -> None:
    """Keep `evaluate` a verb of its own while it is the only one."""


@ml.command()
def evaluate(  # one option per thing a table may have
    task: Annotated[Task, typer.Option(help="What is guessed.")],
    data: Annotated[Path, typer.Option(help="A CSV file with a header.")],
    target: Annotated[str | None, typer.Option(help="The column of outcomes.")] = None,
    positive: Annotated[str | None, typer.Option(help='The outcome looked for, or a condition such as ">0".')] = None,
    time: Annotated[str | None, typer.Option(help="A column of dates, or of numbers that grow.")] = None,
    subject: Annotated[str | None, typer.Option(help="Whose history counts, such as the customer.")] = None,
    known: Annotated[str | None, typer.Option(help="The date the outcome became known; never a feature.")] = None,
    drop: Annotated[str | None, typer.Option(help="Columns to leave out, with commas between.")] = None,
    value: Annotated[str | None, typer.Option(help="Forecast: the column of values.")] = None,
    series: Annotated[str | None, typer.Option(help="Forecast: columns that name a series, with commas.")] = None,
    horizon: Annotated[int, typer.Option(min=1, help="Forecast: periods ahead.")] = 1,
    season: Annotated[int, typer.Option(min=1, help="Forecast: periods in a season.")] = 1,
    text: Annotated[str | None, typer.Option(help="Routing: the column of texts.")] = None,
    test: Annotated[Path | None, typer.Option(help="Routing: a second file that is only asked about.")] = None,
    form: Annotated[Form, typer.Option("--format", help="How it is told.")] = Form.TABLE,
) -> None:
    """Run the whole protocol on a file; needs no data folder and keeps nothing."""
    from ml.tables import Unusable, read

    try:
        frame = read(data)
        if task is Task.FORECAST:
            _need(task, time=time, value=value)
            from ml.forecasts.backtest import evaluate as forecast

            told = forecast(frame, str(time), str(value), _names(series), horizon, season)
        elif task is Task.ROUTING:
            _need(task, text=text, target=target)
            from ml.scores.routing import evaluate as route

            told = route(frame, str(text), str(target), read(test) if test else None)
        else:
            _need(task, target=target)
            from ml.scores.protocol import Spec
            from ml.scores.protocol import evaluate as score

            told = score(frame, Spec(str(target), positive, time, subject, known, _names(drop))).told()
    except Unusable as wrong:
        told = {"state": "invalid", "reason": str(wrong)}
    _tell(told, form)


def _need(task: Task, **options: str | None) -> None:
    from ml.tables import Unusable

    missing = [f"--{name}" for name, given in options.items() if not given]
    if missing:
        raise Unusable(f"To evaluate {task.value} say also {' and '.join(missing)}.")


def _names(told: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in told.split(",") if name.strip()) if told else ()


def _tell(told: dict[str, Any], form: Form) -> None:
    """Print it; what could not be done ends with 1 and its sentence."""
    invalid = told.get("state") == "invalid"
    if form is Form.JSON:
        typer.echo(json.dumps(told))
    elif invalid:
        typer.echo(told["reason"], err=True)
    else:
        for name, figure in told.items():
            shown = ", ".join(map(str, figure)) if isinstance(figure, list | dict) else figure
            typer.echo(f"{name.replace('_', ' '):<22}{'–' if shown in (None, '') else shown}")
    if invalid:
        raise typer.Exit(1)
