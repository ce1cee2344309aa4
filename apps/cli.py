"""The `longhouse` command: thin verbs that call a lower floor or start a process."""

import json
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from warehouse.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")


class Form(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class GrainName(StrEnum):
    """How time is cut."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


Org = Annotated[str, typer.Option("--org", help="The organization's slug.")]
As = Annotated[str | None, typer.Option("--as", help="Act with this member's rights instead of the owner's.")]


@app.command()
def version() -> None:
    """Print the version of Longhouse."""
    from importlib.metadata import version as installed

    typer.echo(f"longhouse {installed('longhouse')}")


@app.command()
def init() -> None:
    """Make the stores of this installation, or bring them up to this version."""
    from warehouse.lake.extensions import bootstrap
    from warehouse.oltp.migrate import upgrade

    changed = upgrade()
    bootstrap(settings().extensions_path)
    typer.echo(f"The stores in {settings().home} {'are ready' if changed else 'were ready already'}.")


@app.command()
def demo(
    until: Annotated[str | None, typer.Option(help="The last day that has happened; default yesterday.")] = None,
) -> None:
    """Load the small demo company, the same every time."""
    from apps.terminal import working

    last_day = _day(until, "--until") or settings().today() - timedelta(days=1)
    with working("Making the demo company …"):
        result = _load_demo(last_day)
    typer.echo(result.sentence)
    for sign_in in result.sign_ins:
        typer.echo(f"  {sign_in.email:<22} {sign_in.role:<8} {sign_in.password or '(the password it already has)'}")
    typer.echo("Next: longhouse refresh")


def _load_demo(until: date) -> Any:
    from warehouse.demo.load import load_demo
    from warehouse.oltp.engine import writing
    from warehouse.oltp.migrate import upgrade

    upgrade()
    with writing() as session:
        return load_demo(session, until)


@app.command(name="import")
def import_(
    path: Annotated[Path | None, typer.Argument(help="The folder of the export.")] = None,
    org: Annotated[str | None, typer.Option("--org", help="The organization's slug.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="The YAML file that says which column is which field.")] = None,
    create: Annotated[bool, typer.Option(help="Create the organization where there is none.")] = True,
    owner: Annotated[str | None, typer.Option(help="E-mail of a new organization's owner.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Load nothing when any row breaks a rule.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen, load nothing.")] = False,
    undo: Annotated[str | None, typer.Option(metavar="ID", help="Take this import back as a whole.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Undo also what was changed since.")] = False,
    suggest: Annotated[bool, typer.Option("--suggest", help="Print a mapping to start from, load nothing.")] = False,
    as_: As = None,
) -> None:
    """Load a foreign export, or take an import back. The same files again change nothing."""
    from apps.importing import Wish, bring, propose, take_back

    def actor(session: Any, slug: str) -> Any:
        return _actor(session, slug, as_) if as_ else None

    if undo:
        return take_back(undo, org, actor, force=force)
    if suggest:
        return propose(path)
    return bring(Wish(path, org, mapping, create=create, owner=owner, strict=strict, dry_run=dry_run), actor)


@app.command()
def refresh() -> None:
    """Copy what changed, build and check the model, publish what passed."""
    from apps.requests import follow_clock
    from apps.terminal import follow_job
    from warehouse.oltp.migrate import upgrade

    upgrade()
    if not follow_clock("refresh"):
        follow_job("refresh")


@app.command()
def metrics(form: Annotated[Form, typer.Option("--format", help="table or json.")] = Form.TABLE) -> None:
    """List what can be asked: every metric and what it can be grouped and filtered by."""
    from apps.terminal import print_rows

    catalogue = _catalogue()
    described = [metric.describe() for metric in catalogue.metrics.values()]
    if form is Form.JSON:
        told = [one | {"dimensions": one["dimensions"]} for one in described]
        sys.stdout.write(json.dumps({"metrics": told}, ensure_ascii=False) + "\n")
        return
    rows = [{name: one[name] for name in ("name", "unit", "default_time", "description")} for one in described]
    print_rows(["name", "unit", "default_time", "description"], rows, form, {})
    if form is Form.TABLE:
        typer.echo(f"\nGroup and filter by: {', '.join(catalogue.dimensions)}.")


def _catalogue() -> Any:
    """The catalogue of the checkout's own definitions, parsed where that has not been done yet."""
    from apps.children import run_job
    from apps.terminal import working
    from warehouse.extracts.builds import definitions_folder
    from warehouse.extracts.definitions import project_digest
    from warehouse.metrics.catalogue import Catalogue

    folder = definitions_folder(project_digest())
    if not (folder / "models.json").exists():
        with working("Reading the definitions …"):
            run_job("definitions", lambda step, text: None)
    return Catalogue.read(folder)


@app.command()
def metric(
    names: Annotated[str, typer.Argument(metavar="NAME[,NAME]", help="One or more metrics.")],
    org: Org,
    by: Annotated[str | None, typer.Option(help="Group by these, separated by commas.")] = None,
    grain: Annotated[GrainName | None, typer.Option(help="Cut each metric's default time into periods.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="FIELD=VALUE; the same field again means or; FIELD= is unknown.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="The day after the last.")] = None,
    as_of: Annotated[str | None, typer.Option(help="What today is: nothing later counts.")] = None,
    order: Annotated[str | None, typer.Option(help="A column; -column for the largest first.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many rows at most.")] = None,
    form: Annotated[Form, typer.Option("--format")] = Form.TABLE,
    as_: As = None,
) -> None:
    """Answer with governed numbers, and the receipt that proves them."""
    from apps.terminal import aside, print_rows
    from warehouse.metrics.answer import answer
    from warehouse.metrics.question import Question
    from warehouse.metrics.receipts import write_receipt
    from warehouse.metrics.serving import serving
    from warehouse.oltp.engine import reading

    question = Question(
        metrics=_listed(names),
        by=_listed(by),
        grain=grain.value if grain else None,
        where=_filters(where or []),
        start=_day(start, "--from"),
        end=_day(end, "--to"),
        as_of=_day(as_of, "--as-of") or settings().today(),
        order=order,
        limit=limit,
    )
    with reading() as session:
        actor = _actor(session, org, as_)
    actor.must("insights:read")
    found = answer(serving(actor.organization_id), question)
    receipt = write_receipt(actor, found)
    extra = {"receipt": receipt, "as_of": question.as_of.isoformat()}
    print_rows(found.columns, found.rows, form.value, extra)
    if form is not Form.JSON:
        aside.print(f"[dim]as of {question.as_of} · receipt {receipt}[/dim]")


@app.command()
def verify(receipt: Annotated[str, typer.Argument(help="A receipt's id, or its first characters.")]) -> None:
    """Remake a receipt's value from the lake and name every difference; ends with 1 if there is one."""
    from apps.terminal import working
    from warehouse.metrics.receipts import read_receipt
    from warehouse.metrics.verify import verify as check
    from warehouse.oltp.engine import reading

    _catalogue()
    with reading() as session:
        stored = read_receipt(session, receipt)
    with working("Remaking the value from the lake …"):
        result = check(stored)
    if result.holds:
        typer.echo(f"Receipt {result.receipt} holds: same value, same rows, same definition.")
        return
    typer.echo(f"Receipt {result.receipt} does not hold:")
    for kind, sentence in result.findings:
        typer.echo(f"  {kind}: {sentence}")
    raise typer.Exit(1)


@app.command()
def up(
    port: Annotated[int | None, typer.Option(help="Where people open it.")] = None,
    clock: Annotated[bool, typer.Option(help="Run the clock beside it.")] = True,
) -> None:
    """Make what is missing, build, serve, and keep the clock running until Ctrl-C."""
    from apps.supervisor import up as run

    run(port or settings().port, with_clock=clock, prepare=_prepare_demo)


def _prepare_demo() -> None:
    """The demo company, on an installation that has no organization yet."""
    from warehouse.oltp.engine import reading
    from warehouse.oltp.migrate import upgrade
    from warehouse.operations.organization import list_slugs

    upgrade()
    with reading() as session:
        if list_slugs(session):
            return
    typer.echo(_load_demo(settings().today() - timedelta(days=1)).sentence)


@app.command()
def serve(port: Annotated[int | None, typer.Option(help="Where people open it.")] = None) -> None:
    """Serve screens, sign-in and API on one port; no clock."""
    from apps.asgi import serve as run
    from warehouse.oltp.migrate import upgrade

    upgrade()
    at = port or settings().port
    typer.echo(f"Longhouse is at http://localhost:{at} (Ctrl-C ends it)")
    run(settings().host, at)


@app.command()
def clock() -> None:
    """Run the clock alone: schedules, requested jobs, and Dagster's pages."""
    from apps.supervisor import clock as run

    run()


@app.command()
def doctor() -> None:
    """Look at everything an installation needs, with a remedy for what is missing."""
    from apps.doctor import examine

    if not examine():
        raise typer.Exit(1)


def _actor(session: Any, slug: str, email: str | None) -> Any:
    """The owner's rights as the operator of the command line, or those of the member with this e-mail."""
    from warehouse.operations.identity import member_actor
    from warehouse.operations.organization import find_organization
    from warehouse.tenancy import operator_actor

    organization = find_organization(session, slug)
    return member_actor(session, organization.id, email) if email else operator_actor(organization.id)


def _listed(told: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (told or "").split(",") if part.strip())


def _filters(told: list[str]) -> dict[str, tuple[str | None, ...]]:
    found: dict[str, tuple[str | None, ...]] = {}
    for one in told:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise typer.BadParameter(f"--where takes FIELD=VALUE, not {one!r}.")
        found[name.strip()] = (*found.get(name.strip(), ()), value or None)
    return found


def _day(told: str | None, option: str) -> date | None:
    if told is None:
        return None
    try:
        return datetime.fromisoformat(told).date()
    except ValueError:
        raise typer.BadParameter(f"{option} takes a date like 2026-01-31, not {told!r}.") from None


def main() -> None:
    """Run the command; a person reads one sentence when it fails, never a trace."""
    sys.exit(_guarded(app))


def _guarded(command: Callable[..., Any]) -> int:
    from apps.facts import FACTS

    try:
        return int(command(standalone_mode=False) or 0)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.TyperException as wrong:
        return _usage(wrong)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except ValidationError as wrong:
        for error in wrong.errors():
            typer.echo(f"{error['msg'].removeprefix('Value error, ')}".capitalize() + ".", err=True)
        return 1
    except FACTS as fact:
        typer.echo(str(fact), err=True)
        return 1
    except BrokenPipeError:
        return 1
    except Exception as unforeseen:
        from apps.terminal import log_failure

        place = log_failure()
        typer.echo(f"Something went wrong inside Longhouse: {unforeseen}\nThe details are in {place}.", err=True)
        return 70


def _usage(wrong: Any) -> int:
    """A mistyped command or option, with how it is used."""
    wrong.show()
    return int(wrong.exit_code)


if __name__ == "__main__":
    main()
