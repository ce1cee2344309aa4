"""The `longhouse` command: thin verbs that call a lower floor or start a process."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from apps.asking import As, Form, Org, actor_of, asking
from apps.connecting import connectors
from apps.console import sql
from apps.defining import define
from apps.demo import demo
from apps.evaluating import ml
from apps.organizations import organizations
from apps.plainly import asks
from warehouse.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")


keys = typer.Typer(no_args_is_help=True, help="The keys of this installation.")
app.add_typer(keys, name="keys")
app.add_typer(asking)
app.add_typer(asks, name="ask")
app.command(name="sql")(sql)
app.command(name="define")(define)
app.command(name="demo")(demo)
app.add_typer(organizations, name="organization")
app.add_typer(ml, name="ml")
app.add_typer(connectors, name="connectors")
audit = typer.Typer(
    no_args_is_help=True, help="Everything that was done, and the proof that nothing of it was altered."
)
app.add_typer(audit, name="audit")


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


@app.command(name="import")
def import_(
    path: Annotated[Path | None, typer.Argument(help="The folder of the export.")] = None,
    org: Annotated[str | None, typer.Option("--org", help="The organization's slug.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A shipped mapping, such as salesforce, or a YAML file.")] = None,
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
        return actor_of(session, slug, as_) if as_ else None

    if undo:
        return take_back(undo, org, actor, force=force)
    if suggest:
        return propose(path)
    return bring(Wish(path, org, mapping, create=create, owner=owner, strict=strict, dry_run=dry_run), actor)


@app.command()
def refresh() -> None:
    """Copy what changed, build and check the model, publish what passed."""
    from apps.requests import follow_clock
    from apps.terminal import aside, follow_job
    from warehouse.oltp.engine import reading
    from warehouse.oltp.migrate import upgrade
    from warehouse.operations.due import up_to_date

    upgrade()
    if follow_clock("refresh"):
        return
    with reading() as session:
        build = up_to_date(session)
    if build:  # told before another process has started
        aside.print(f"[green]✓[/green] Refresh: {build.nothing_since}")
    else:
        follow_job("refresh")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def dbt(context: typer.Context) -> None:
    """Run dbt by hand, on a workshop of its own: try a model before a refresh builds it."""
    import subprocess

    from warehouse.settings import CHECKOUT

    done = subprocess.run([sys.executable, "-m", "pipelines.by_hand", *context.args], cwd=CHECKOUT)
    raise typer.Exit(done.returncode)


@app.command()
def up(
    port: Annotated[int | None, typer.Option(help="Where people open it.")] = None,
    clock: Annotated[bool, typer.Option(help="Run the clock beside it.")] = True,
) -> None:
    """Make what is missing, build, serve, and keep the clock running until Ctrl-C."""
    from apps.supervisor import up as run

    run(port or settings().port, with_clock=clock, prepare=_prepare_demo)


def _prepare_demo() -> None:
    """The demo company, on an installation that has no organization yet and is not for production."""
    from apps.demo import load, truth_folder, yesterday
    from warehouse.demo.install import Wish
    from warehouse.demo.load import Order
    from warehouse.oltp.engine import reading
    from warehouse.oltp.migrate import upgrade
    from warehouse.operations.organization import list_slugs

    upgrade()
    with reading() as session:
        if list_slugs(session) or settings().environment == "production":
            return
    for result in load(Wish(yesterday()), Order(truth=truth_folder())):
        typer.echo(result.sentence)


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


@app.command()
def errors(
    reference: Annotated[str | None, typer.Argument(help="One of them, with its trace.")] = None,
    form: Annotated[Form, typer.Option("--format", help="table, json or csv.")] = Form.TABLE,
) -> None:
    """List what went wrong unforeseen, the same failures together; or show one with its trace."""
    from apps.terminal import print_error, print_errors

    print_error(reference) if reference else print_errors(form.value)


@audit.command(name="verify")
def audit_verify(
    org: Annotated[str | None, typer.Option("--org", help="One organization's slug; default all.")] = None,
    anchors: Annotated[Path | None, typer.Option(help="A copy of the anchors that was kept elsewhere.")] = None,
) -> None:
    """Read every audit from first to last and name every row that was altered; ends with 1 if there is one."""
    from apps.audit import verify as check

    check(org, anchors)


@audit.command(name="list")
def audit_list(
    org: Org,
    since: Annotated[str | None, typer.Option(help="First day or moment.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, or the moment after.")] = None,
    actor: Annotated[str | None, typer.Option(help="E-mail, name or id of who did it.")] = None,
    operation: Annotated[str | None, typer.Option(help="What was done: its name, or its words.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="The latest so many; a table shows 50.")] = None,
    form: Annotated[Form, typer.Option("--format", help="table, json or csv; the latter are noted as exports.")] = (
        Form.TABLE
    ),
    as_: As = None,
) -> None:
    """Print what was done, oldest first."""
    from apps.audit import Search, list_, moment

    start, end = moment(since, "--since"), moment(until, "--until", end=True)
    search = Search(org, start, end, actor, operation, limit, form.value)
    list_(search, lambda session, slug: actor_of(session, slug, as_))


@keys.command()
def rotate() -> None:
    """Seal every secret with a new key, and sign sign-ins with a new one; what the former ones made still holds."""
    from apps.identity.keys import rotate_signing_key
    from warehouse.operations.keys import rotate_sealing_key

    told = rotate_sealing_key()
    typer.echo(
        f"Sealed {told.resealed} secrets with the new key {told.current}; {len(told.dropped)} unused keys dropped."
    )
    typer.echo(f"Sign-ins are signed with the new key {rotate_signing_key(settings().secrets_path)}.")


def main() -> None:
    """Run the command; a person reads one sentence when it fails, never a trace."""
    sys.exit(_guarded(app))


def _guarded(command: Callable[..., Any]) -> int:
    from warehouse import logs

    logs.to_file("commands")
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
            typer.echo(_plain(error["msg"]).capitalize() + ".", err=True)
        return 1
    except BrokenPipeError:
        return 1
    except Exception as failure:
        return _told(failure)


def _plain(message: str) -> str:
    """What pydantic says of a value, without its name for having said so."""
    return message.removeprefix("Value error, ")


def _told(failure: Exception) -> int:
    """One sentence for a failure: its own where it was written for people."""
    # Every floor's failures, so nearly all of the house: a command that ends well need not wait for it.
    from apps.facts import FACTS
    from apps.terminal import tell_unforeseen

    is_fact = isinstance(failure, FACTS)
    typer.echo(str(failure) if is_fact else tell_unforeseen(failure), err=True)
    return 1 if is_fact else 70


def _usage(wrong: Any) -> int:
    """A mistyped command or option, with how it is used."""
    wrong.message = _plain(wrong.message)
    wrong.show()
    return int(wrong.exit_code)


if __name__ == "__main__":
    main()
