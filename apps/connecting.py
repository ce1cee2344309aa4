"""`longhouse connectors …`: connect outside systems, see whether they let us in, bring what changed."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from apps.asking import As, Org, actor_of

connectors = typer.Typer(no_args_is_help=True, help="Outside systems whose records flow in: Stripe, HubSpot.")
Told = Annotated[str, typer.Argument(metavar="CONNECTION", help="Its name or id.")]


@connectors.command()
def vendors() -> None:
    """List the systems that can be connected, what lets us in and what each brings."""
    from apps.terminal import print_rows
    from warehouse.connectors.catalogue import VENDORS

    rows = [
        {
            "vendor": vendor.name,
            "lets us in with": ", ".join(vendor.auth.parts),
            "brings": ", ".join(thing.name for thing in vendor.things),
        }
        for vendor in VENDORS.values()
    ]
    print_rows(["vendor", "lets us in with", "brings"], rows, "table", {})


@connectors.command(name="list")
def list_(org: Org, as_: As = None) -> None:
    """List an organization's connections, how their last syncs went, and what their vendors send that nobody declared."""
    from apps.terminal import print_rows
    from warehouse.oltp.engine import reading, reading_as
    from warehouse.operations.connections import connections_of, syncs_of, undeclared_of

    with reading() as session:
        actor = actor_of(session, org, as_)
    with reading_as(actor) as session:
        found = connections_of(session, actor)
        rows = [_row(one, syncs_of(session, actor, one.id)) for one in found]
        drifted = {one.name: undeclared_of(session, actor, one.id) for one in found}
    print_rows(["name", "vendor", "id", "brings", "every", "last sync", "outcome"], rows, "table", {})
    for name, fields in drifted.items():
        for field in fields:
            since = f"{field.first_seen_at:%Y-%m-%d}"
            typer.echo(f"{name}: {field.thing} have had {field.place} since {since}, which nobody declared.")


def _row(one: Any, syncs: Any) -> dict[str, str]:
    last = next(iter(syncs), None)
    return {
        "name": one.name,
        "vendor": one.vendor,
        "id": one.id,
        "brings": ", ".join(one.things),
        "every": "paused" if one.is_paused else f"{one.every_minutes} min",
        "last sync": f"{last.started_at:%Y-%m-%d %H:%M}" if last else "never",
        "outcome": (last.problem or _counted(last.counts)) if last else "",
    }


def _counted(counts: dict[str, dict[str, int]]) -> str:
    """What a sync brought, in words: `4 customers, 1 deleted`."""
    told = [f"{one['changed']:,} {thing}" for thing, one in counts.items() if one.get("changed")]
    gone = sum(one.get("deleted", 0) for one in counts.values())
    return ", ".join(told + ([f"{gone:,} deleted"] if gone else [])) or "nothing new"


@connectors.command()
def add(
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="One that `longhouse connectors vendors` lists.")],
    org: Org,
    name: Annotated[str | None, typer.Option(help="What to call it; the vendor's name, if nothing is said.")] = None,
    bring: Annotated[list[str] | None, typer.Option(help="A kind of record; may be repeated. None, all.")] = None,
    every: Annotated[int, typer.Option(help="Minutes between two syncs.")] = 60,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was made from then on.")
    ] = None,
    as_: As = None,
) -> None:
    """Connect an outside system. Its secret is asked for, or read from standard input, one part per line."""
    from warehouse.connectors.catalogue import find_vendor
    from warehouse.oltp.engine import reading, writing_as
    from warehouse.oltp.migrate import upgrade
    from warehouse.operations.connections import AddConnection, add_connection

    upgrade()
    known = find_vendor(vendor)
    with reading() as session:
        actor = actor_of(session, org, as_)
    asked = AddConnection(
        vendor=vendor,
        name=name or known.title,
        secret={part: _secret(part) for part in known.auth.parts},  # type: ignore[misc]
        things=bring or [],
        every_minutes=every,
        made_since=since.date() if since else None,
    )
    with writing_as(actor) as session:
        made = add_connection(session, actor, asked)
    typer.echo(f"{made.name} is connected to {org}. Next: longhouse connectors test {made.id} --org {org}")


def _secret(part: str) -> str:
    """A part of a secret: never an argument, which other people of the machine could read."""
    if sys.stdin.isatty():
        return str(typer.prompt(part, hide_input=True))
    return sys.stdin.readline().strip()


@connectors.command(name="test")
def try_out(connection: Told, org: Org, as_: As = None) -> None:
    """See whether a vendor lets us read everything a connection brings; nothing is kept."""
    _run("try", connection, org, as_)


@connectors.command()
def sync(connection: Told, org: Org, as_: As = None) -> None:
    """Bring what changed at a vendor now, whether it is due or not."""
    _run("sync", connection, org, as_)
    typer.echo("Next: longhouse refresh")


def _run(job: str, connection: str, org: str, as_: str | None) -> None:
    """Run a job about one connection and print what it says. Raises JobFailed, Forbidden, NotFound."""
    from apps.children import run_job
    from apps.terminal import aside, working
    from warehouse.oltp.engine import reading, reading_as
    from warehouse.operations.connections import CONNECTS, find_connection

    with reading() as session:
        actor = actor_of(session, org, as_)
    actor.must(CONNECTS)
    with reading_as(actor) as session:
        found = find_connection(session, actor, connection)
    with working(f"Asking {found.vendor} …"):
        run_job(job, lambda step, text: aside.print(f"[green]✓[/green] {text}"), org, found.id)


@connectors.command()
def pause(
    connection: Told,
    org: Org,
    resume: Annotated[bool, typer.Option("--resume", help="Go on instead.")] = False,
    as_: As = None,
) -> None:
    """Sync no more by itself, or go on."""
    from warehouse.oltp.engine import reading, writing_as
    from warehouse.operations.connections import EditConnection, edit_connection, find_connection

    with reading() as session:
        actor = actor_of(session, org, as_)
    with writing_as(actor) as session:
        one = find_connection(session, actor, connection)
        kept = {"things": one.things, "every_minutes": one.every_minutes, "made_since": one.made_since}
        asked = EditConnection(id=one.id, version=one.version, name=one.name, is_paused=not resume, **kept)  # type: ignore[arg-type]
        edit_connection(session, actor, asked)
    typer.echo(f"{one.name} {'goes on' if resume else 'is paused'}.")


@connectors.command()
def remove(connection: Told, org: Org, as_: As = None) -> None:
    """Take a connection away, with its secret and everything personal it brought; its numbers stay."""
    from warehouse.oltp.engine import reading, writing_as
    from warehouse.operations.connections import OneConnection, find_connection, remove_connection

    with reading() as session:
        actor = actor_of(session, org, as_)
    with writing_as(actor) as session:
        one = find_connection(session, actor, connection)
        remove_connection(session, actor, OneConnection(id=one.id, version=one.version))
    typer.echo(f"{one.name} is taken away.")
