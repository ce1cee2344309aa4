"""The verbs that ask: which numbers there are, what they say, and whether a receipt still holds."""

import json
import sys
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

asking = typer.Typer()


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
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"


class Before(StrEnum):
    """What a window is compared with."""

    PREVIOUS = "previous"
    YEAR = "year"


Org = Annotated[str, typer.Option("--org", help="The organization's slug.")]
As = Annotated[str | None, typer.Option("--as", help="Act with this member's rights instead of the owner's.")]


@asking.command()
def metrics(
    form: Annotated[Form, typer.Option("--format", help="table or json.")] = Form.TABLE,
    org: Annotated[str | None, typer.Option("--org", help="With this organization's own numbers and fields.")] = None,
    as_: As = None,
) -> None:
    """List what can be asked: every metric and what it can be grouped and filtered by."""
    from apps.terminal import print_rows

    catalogue = _catalogue() if org is None else _catalogue_of(org, as_)
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


def _catalogue_of(org: str, email: str | None) -> Any:
    from warehouse.metrics.serving import serving_as
    from warehouse.oltp.engine import reading

    with reading() as session:
        actor = actor_of(session, org, email)
    return serving_as(actor).catalogue


@asking.command()
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
    without: Annotated[
        list[str] | None, typer.Option(help="DIMENSION=METRIC: only those that the metric has nothing of.")
    ] = None,
    share: Annotated[
        list[str] | None, typer.Option(help="METRIC[:WITHIN]: its share of the total, of each group.")
    ] = None,
    rank: Annotated[list[str] | None, typer.Option(help="METRIC[:WITHIN]: its rank, in each group.")] = None,
    running: Annotated[list[str] | None, typer.Option(help="METRIC: what it has run up to, by period.")] = None,
    having: Annotated[list[str] | None, typer.Option(help="COLUMN>=NUMBER: only rows on this side of it.")] = None,
    compare: Annotated[Before | None, typer.Option(help="Beside it, the window before or that of a year ago.")] = None,
    order: Annotated[str | None, typer.Option(help="A column; -column for the largest first.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many rows at most.")] = None,
    form: Annotated[Form, typer.Option("--format")] = Form.TABLE,
    as_: As = None,
) -> None:
    """Answer with governed numbers, and the receipt that proves them."""
    from apps.shaping import answered, lacking_of, shape_of
    from apps.terminal import aside, print_rows
    from warehouse.metrics.question import Question
    from warehouse.metrics.receipts import write_receipt

    wanted = shape_of(share or [], rank or [], running or [], having or [], limit)
    if compare and not wanted.is_plain:
        raise typer.BadParameter("--compare goes with none of --share, --rank, --running and --having.")
    actor, calendar, today = _asker(org, as_)
    question = Question(
        metrics=_listed(names),
        by=_listed(by),
        grain=grain.value if grain else None,
        calendar=calendar,
        where=_filters(where or []),
        without=lacking_of(without or []),
        start=day_of(start, "--from"),
        end=day_of(end, "--to"),
        as_of=day_of(as_of, "--as-of") or today,
        order=order,
        limit=limit if wanted.is_plain else None,
    )
    actor.must("insights:read")
    answers, table = answered(actor, question, wanted, compare.value if compare else None)
    receipts = [write_receipt(actor, one) for one in answers]
    extra = {"receipt": receipts[0], "as_of": question.as_of.isoformat()}
    extra |= {"receipt_before": receipts[1]} if compare else {}
    print_rows(table.columns, table.rows, form.value, extra, table.headings)
    if form is not Form.JSON:
        aside.print(f"[dim]as of {question.as_of} · receipt {' and '.join(receipts)}[/dim]")


@asking.command()
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


def actor_of(session: Any, slug: str, email: str | None) -> Any:
    """The owner's rights as the operator of the command line, or those of the member with this e-mail."""
    from warehouse.operations.identity import member_actor
    from warehouse.operations.organization import find_organization
    from warehouse.tenancy import operator_actor

    organization = find_organization(session, slug)
    return member_actor(session, organization.id, email) if email else operator_actor(organization.id)


def _asker(slug: str, email: str | None) -> tuple[Any, Any, date]:
    """Who asks, and the calendar and the day of where they ask."""
    from warehouse.metrics.calendar import calendar_of
    from warehouse.oltp.days import today_at
    from warehouse.oltp.engine import reading

    with reading() as session:
        actor = actor_of(session, slug, email)
        own = actor.organization_id
        return actor, calendar_of(session, own), today_at(session, own)


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


def day_of(told: str | None, option: str) -> date | None:
    """The day an option names, ISO 8601; None where it was not given."""
    if told is None:
        return None
    try:
        return datetime.fromisoformat(told).date()
    except ValueError:
        raise typer.BadParameter(f"{option} takes a date like 2026-01-31, not {told!r}.") from None
