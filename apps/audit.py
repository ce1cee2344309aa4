"""`longhouse audit`: proves that the audit is what was written, and searches it."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer

ActorOf = Callable[[Any, str], Any]
"""Session and slug → who acts."""
TABLE_ROWS = 50
TABLE_COLUMNS = ("happened_at", "who", "what", "entity", "entity_id")


@dataclass(frozen=True)
class Search:
    """What `longhouse audit list` was asked for."""

    org: str
    since: datetime | None = None
    until: datetime | None = None
    who: str | None = None
    operation: str | None = None
    limit: int | None = None
    form: str = "table"


def verify(slug: str | None, file: Path | None) -> None:
    """Read every audit, or one organization's, and tell what it is; ends with 1 when one does not hold."""
    from warehouse.oltp.engine import reading
    from warehouse.operations.anchors import anchors_of, anchors_path
    from warehouse.operations.audit_chain import verify_chain
    from warehouse.operations.organization import find_organization

    at = file or (anchors_path() if anchors_path().exists() else None)
    anchors = anchors_of(at) if at else {}
    held = True
    with reading() as session:
        wanted = {find_organization(session, slug).id: slug} if slug else _audited(session, anchors)
        for organization_id, name in wanted.items():
            report = verify_chain(session, organization_id, anchors.get(organization_id))
            typer.echo(f"{name}: {_in_words(report)}")
            for finding in report.findings:
                where = f"row {finding.position:,}" if finding.position else "a row"
                typer.echo(f"  {where}{f' ({finding.row_id})' if finding.row_id else ''}: {finding.meaning}")
            if report.more:
                typer.echo(f"  … and {report.more:,} more.")
            held = held and report.holds
    if not at:
        typer.echo("There are no anchors yet: an audit that was written anew as a whole would not be found out.")
    if not held:
        raise typer.Exit(1)


def _audited(session: Any, anchors: dict[str, dict[int, str]]) -> dict[str, str]:
    """Every organization whose audit there is or was → how it is called."""
    from warehouse.operations.audit_chain import audited_organizations

    known = audited_organizations(session)
    return known | {one: f"organization {one}, which is gone," for one in sorted(anchors) if one not in known}


def _in_words(report: Any) -> str:
    if report.released_at:
        told = f"removed under a certificate on {report.released_at:%Y-%m-%d}, {'its end is kept' if report.holds else 'does not hold'}"
        return f"{told}."
    span = f", {report.first_at:%Y-%m-%d %H:%M} to {report.last_at:%Y-%m-%d %H:%M} UTC" if report.rows else ""
    compared = f", {report.anchors:,} anchor{'' if report.anchors == 1 else 's'} compared" if report.anchors else ""
    state = "the chain holds" if report.holds else "THE CHAIN IS BROKEN"
    return f"{report.rows:,} row{'' if report.rows == 1 else 's'}{span}{compared}: {state}."


def list_(search: Search, actor_of: ActorOf) -> None:
    """Print what was done; json and csv are exports, which the audit notes first."""
    from warehouse.oltp.engine import reading, reading_as, writing_as
    from warehouse.operations.audit_search import begin_export, export_events

    with reading() as session:
        actor = actor_of(session, search.org)
    before = None
    if search.form != "table":
        with writing_as(actor) as session:
            before = begin_export(session, actor, search.form)
    with reading_as(actor) as session:
        wanted = _filter(session, actor, search)
        most = search.limit or (TABLE_ROWS if search.form == "table" else None)
        _print(export_events(session, actor, wanted, before=before, most=most), search.form)


def _filter(session: Any, actor: Any, search: Search) -> Any:
    from warehouse.operations.audit_search import EventFilter, actors_called
    from warehouse.operations.events import known_operations

    operations = []
    if search.operation:
        told = search.operation.lower()
        named = [name for name, words in known_operations().items() if told in {name, words.lower()}]
        operations = named or [search.operation]
    who = actors_called(session, actor, search.who) if search.who else []
    return EventFilter(since=search.since, until=search.until, who=who, operations=operations)


def _print(rows: Iterator[Any], form: str) -> None:
    from apps.terminal import print_rows
    from warehouse.operations.audit_search import COLUMNS, as_csv, as_record

    if form == "csv":
        sys.stdout.writelines(as_csv(rows))
    elif form == "json":
        _print_json(rows, COLUMNS)
    else:
        shown = [as_record(row) | {"happened_at": f"{row.happened_at:%Y-%m-%d %H:%M}"} for row in rows]
        print_rows(TABLE_COLUMNS, shown, form, {})


def _print_json(rows: Iterator[Any], columns: tuple[str, ...]) -> None:
    """As `print_rows` does it, without holding all of them."""
    from warehouse.operations.audit_search import as_record

    sys.stdout.write(f'{{"columns": {json.dumps(columns)}, "rows": [')
    for number, row in enumerate(rows):
        record = as_record(row) | {"details": row.details}
        sys.stdout.write((", " if number else "") + json.dumps(record, ensure_ascii=False))
    sys.stdout.write("]}\n")


def moment(told: str | None, option: str, *, end: bool = False) -> datetime | None:
    """A day or a moment, UTC where it says no zone; with `end`, a day counts whole."""
    if told is None:
        return None
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        raise typer.BadParameter(f"{option} takes a date like 2026-01-31 or 2026-01-31T14:00, not {told!r}.") from None
    whole_day = timedelta(days=1) if end and len(told) == len("2026-01-31") else timedelta(0)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)) + whole_day
