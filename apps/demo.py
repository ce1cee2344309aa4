"""`longhouse demo`: invented companies, the same every time, with what is true of them beside."""

import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.asking import day_of
from warehouse.demo.choices import Dirt, Preset, Variant
from warehouse.settings import settings

if TYPE_CHECKING:
    from warehouse.demo.install import Wish
    from warehouse.demo.load import DemoResult, Order

SHOWN = 5
"""Companies whose sign-ins are printed; JSON has all of them."""


def demo(
    preset: Annotated[Preset, typer.Option(help="Which companies, and how large.")] = Preset.SMALL,
    variant: Annotated[
        Variant, typer.Option(help="null: nothing can be learnt; drift: the end differs; leak: a column gives it away.")
    ] = Variant.NORMAL,
    dirt: Annotated[Dirt, typer.Option(help="Whether some rows are spoilt, each noted in the truth.")] = Dirt.NONE,
    only: Annotated[str | None, typer.Option(metavar="SLUG", help="One company of the preset.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 7,
    until: Annotated[str | None, typer.Option(help="The last day that has happened; default yesterday.")] = None,
    form: Annotated[str, typer.Option("--format", metavar="[table|json]", help="How the outcome is told.")] = "table",
    live: Annotated[bool, typer.Option("--live", help="Then go on: people work there until you stop it.")] = False,
    rate: Annotated[float, typer.Option(min=0.1, max=6000, help="With --live: things that happen a minute.")] = 30,
    minutes: Annotated[float | None, typer.Option(min=0, help="With --live: stop by itself after so long.")] = None,
) -> None:
    """Load invented companies, the same every time."""
    from apps.terminal import working
    from warehouse.demo.install import Wish
    from warehouse.demo.load import Order

    if form not in {"table", "json"}:
        raise typer.BadParameter(f"--format is table or json, not {form!r}.")
    last_day = day_of(until, "--until") or yesterday()
    wish = Wish(last_day, preset, variant, only)
    order = Order(seed=seed, dirty=dirt is Dirt.NORMAL, truth=truth_folder())
    with working("Making companies …"):
        results = load(wish, order)
    tell = _tell_json if form == "json" else _tell
    tell(results, order)
    if live:
        _go_on([result.slug for result in results], rate, seed, minutes)


def _go_on(slugs: list[str], rate: float, seed: int, minutes: float | None) -> None:
    """Let people work in the companies, and tell at the end what they did."""
    from warehouse.demo.live import Tally, live, organizations_of
    from warehouse.oltp.engine import reading

    with reading() as session:
        organizations = organizations_of(session, slugs)
    lasting = f"for {minutes:g} minutes" if minutes is not None else "until you press Ctrl+C"
    typer.echo(f"People are at work in {len(slugs):,} companies, {rate:g} things a minute, {lasting}.", err=True)
    tally = Tally()
    with suppress(KeyboardInterrupt):
        live(organizations, rate, seed, lambda so_far: minutes is None or so_far < minutes * 60, tally)
    typer.echo(f"{tally.total:,} things were done, {tally.passed_over:,} were overtaken by others.", err=True)
    for name, times in tally.done.most_common():
        typer.echo(f"  {name:<20} {times:>8,}", err=True)


def yesterday() -> date:
    """The last day that is over."""
    return settings().today() - timedelta(days=1)


def truth_folder() -> Path:
    """Where what is true of each company is kept, out of the store."""
    return settings().home / "demo_truth"


def load(wish: "Wish", order: "Order") -> "list[DemoResult]":
    """Make the companies in the store of this installation, which is made where there is none."""
    from warehouse.demo.install import install_alone
    from warehouse.oltp.migrate import upgrade

    upgrade()
    return install_alone(wish, order)


def _tell(results: "list[DemoResult]", order: "Order") -> None:
    for result in results[:SHOWN]:
        typer.echo(result.sentence)
        for one in result.sign_ins:
            typer.echo(f"  {one.email:<34} {one.role:<8} {one.password or '(the password it already has)'}")
    if len(results) > SHOWN:
        typer.echo(f"… and {len(results) - SHOWN:,} more companies.")
    if any(result.is_new for result in results):
        for table, rows in sorted(order.content.rows.items()):
            typer.echo(f"  {table:<34} {rows:>12,}")
        typer.echo(f"Content {order.content.digest()}; what is true is in {order.truth}.")
    typer.echo("Next: longhouse refresh")


def _tell_json(results: "list[DemoResult]", order: "Order") -> None:
    is_new = any(result.is_new for result in results)
    told: dict[str, Any] = {
        "organizations": [
            {
                "slug": result.slug,
                "name": result.name,
                "is_new": result.is_new,
                "sign_ins": [one._asdict() for one in result.sign_ins],
                "rows": dict(result.counts),
                "truth": str(result.truth) if result.truth else None,
            }
            for result in results
        ],
        "rows": dict(sorted(order.content.rows.items())),
        "tables": order.content.tables(),
        "content_hash": order.content.digest() if is_new else None,
        "truth": str(order.truth),
    }
    typer.echo(json.dumps(told, indent=2))
