"""`longhouse import`: loads an export and tells what was done."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import typer

from warehouse.imports.load import ImportReport
from warehouse.settings import settings

T = TypeVar("T")
ActorOf = Callable[[Any, str], Any]
"""Session and slug → who acts; None for the operator of the command line."""


@dataclass(frozen=True)
class Wish:
    """What the command was asked for."""

    path: Path | None
    org: str | None
    mapping: Path | None
    create: bool = True
    owner: str | None = None
    strict: bool = False
    dry_run: bool = False


def bring(wish: Wish, actor_of: ActorOf) -> None:
    """Load the export at `path` into the organization, or only say what that would do."""
    from apps.terminal import working
    from warehouse.imports.load import import_export, read_export
    from warehouse.oltp.engine import writing
    from warehouse.oltp.migrate import upgrade

    path, org, mapping = needed(wish.path, "PATH"), needed(wish.org, "--org"), needed(wish.mapping, "--mapping")
    upgrade()
    with working(f"Reading {path} …"):
        read, sheets = read_export(path, mapping)
    with working("Loading …"), writing() as session:
        report = import_export(
            session,
            read,
            sheets,
            org,
            create=wish.create,
            owner_email=wish.owner,
            actor=actor_of(session, org),
            strict=wish.strict,
            dry_run=wish.dry_run,
        )
    _tell(report)
    if report.written and not report.dry_run:
        if settings().examine_imports:
            _examine(report)
        typer.echo("Next: longhouse refresh")


def _examine(report: ImportReport) -> None:
    """Look at what came in, in a process of its own. The rows are in: whatever becomes of this, the import stands."""
    from apps.children import JobFailed, run_job
    from apps.terminal import working

    heard: list[tuple[str, str]] = []
    try:
        with working("Examining what came in …"):
            run_job("examine", lambda step, text: heard.append((step, text)), report.organization, report.id)
    except JobFailed as failure:
        typer.echo(
            f"What came in could not be examined; it is loaded all the same, and the night tries again: {failure}"
        )
    for step, text in heard:
        typer.echo({"finding": "  not met: ", "evidence": "  evidence: "}.get(step, "Examined ") + text)


def take_back(import_id: str, org: str | None, actor_of: ActorOf, *, force: bool) -> None:
    """Undo one import of an organization."""
    from apps.terminal import working
    from warehouse.imports.undo import undo
    from warehouse.oltp.engine import writing
    from warehouse.oltp.migrate import upgrade
    from warehouse.operations.organization import find_organization
    from warehouse.tenancy import operator_actor

    slug = needed(org, "--org")
    upgrade()
    with working(f"Taking back {import_id} …"), writing() as session:
        actor = actor_of(session, slug) or operator_actor(find_organization(session, slug).id)
        counts = undo(session, actor, import_id, force=force)
    for entity, rows in counts.items():
        typer.echo(f"  {entity:<25} {rows:>8,} taken back")
    typer.echo(f"Import {import_id} is undone; importing the same files again brings it back.")
    typer.echo("Next: longhouse refresh")


def propose(path: Path | None) -> None:
    """Print a mapping for the export at `path`; what could not be mapped goes to standard error."""
    from warehouse.imports.suggest import suggest

    found = suggest(needed(path, "PATH"))
    typer.echo(found.text, nl=False)
    if found.open_points:
        typer.echo("Look at these before importing:", err=True)
    for point in found.open_points:
        typer.echo(f"  {point}", err=True)


def needed(given: T | None, name: str) -> T:
    """The value of an argument this way of calling the command cannot do without."""
    if given is None:
        what = "argument" if name.isupper() else "option"
        raise typer.BadParameter(f"Missing {what} {name}.")
    return given


def _tell(report: ImportReport) -> None:
    would = "would be written" if report.dry_run else "written"
    if report.dry_run:
        typer.echo("Dry run: nothing is written to the store. An import would do this:")
    if report.created:
        typer.echo(f"{'Create' if report.dry_run else 'Created'} the organization {report.organization}.")
    for entity, rows in report.read.items():
        typer.echo(f"  {entity:<15} {rows:>8,} read  {report.written.get(entity, 0):>8,} {would}")
    for note in report.notes:
        typer.echo(f"  note: {note}")
    for finding in report.findings:
        typer.echo(f"  note: {finding.rows:,} {finding.message}.")
    for file, rows, place in report.rejects:
        typer.echo(f"  {rows:,} row{'s' * (rows > 1)} of {file} left out, listed with the reasons in {place}")
    if not report.written:
        typer.echo("Nothing was new or changed.")
    if not report.dry_run:
        _tell_what_next(report)
    else:
        typer.echo("Dry run: nothing was written to the store.")


def _tell_what_next(report: ImportReport) -> None:
    if report.created:
        password = (
            f", password {report.owner_password}" if report.owner_password else " (with the password it already has)"
        )
        typer.echo(f"Its owner signs in as {report.owner_email}{password}.")
    if report.written:
        typer.echo(
            f"This was import {report.id}; `longhouse import --undo {report.id} --org {report.organization}` takes it back."
        )
