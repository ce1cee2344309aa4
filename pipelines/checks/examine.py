"""Examines what came in: rows of one organization against the suites, each row by one examination only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.checks.evidence import keep
from pipelines.checks.expectations import validate
from pipelines.checks.outcome import Examined, Outcome
from pipelines.checks.suite import Suite, read_suites
from warehouse.imports.record import read_record
from warehouse.lake.writer import LakeLocked, writer_lock
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.operations.checks import Changes, one_change, rows_before, rows_written, unseen_changes
from warehouse.operations.organization import find_organization, list_organizations, record_checks
from warehouse.settings import settings

MOST_ROWS = 200_000
"""Of one table in one examination; of more, the newest are examined, and the evidence says so."""
MOST_BEFORE = 50_000
"""How many rows that were there before are a measure."""
WAIT_SECONDS = 600


class ExaminationBusy(Exception):
    """Another examination has not ended."""


@dataclass(frozen=True)
class Subject:
    """Whose rows are examined, and on what occasion."""

    organization_id: str
    organization: str
    occasion: str
    """`night` or `import <id>`."""


def examine_unseen() -> Iterator[Outcome]:
    """Examine everything no examination has looked at, organization by organization, each kept before the next."""
    suites = read_suites()
    with _alone():
        with reading() as session:
            everyone = [Subject(one.id, one.name, "night") for one in list_organizations(session)]
        for subject in everyone:
            with reading() as session:
                changes = unseen_changes(session, subject.organization_id)
            outcome = _examine(subject, suites, changes) if changes else None
            if outcome:
                yield outcome


def examine_import(slug: str, import_id: str) -> Outcome | None:
    """Examine what an import wrote; None where it was examined already or nothing of it is there.

    Raises UnknownOrganization or ImportProblem where there is no such import.
    """
    with _alone():
        with reading() as session:
            organization = find_organization(session, slug)
            seq = read_record(session, organization.id, import_id).seq
            changes = one_change(session, organization.id, seq)
        subject = Subject(organization.id, organization.name, f"import {import_id}")
        return _examine(subject, read_suites(), changes) if changes else None


def _examine(subject: Subject, suites: list[Suite], changes: Changes) -> Outcome | None:
    """Look at the rows these changes wrote, keep the evidence and the results; None where there are no rows."""
    tables = [found for suite in suites if (found := _look(subject.organization_id, suite, changes))]
    if not tables:
        return None
    outcome = Outcome(
        uuid7(), subject.organization_id, subject.organization, subject.occasion, datetime.now(UTC), changes, tables
    )
    keep(outcome)
    with writing() as session:
        record_checks(session, outcome.results())
    return outcome


def _look(organization_id: str, suite: Suite, changes: Changes) -> Examined | None:
    compared = any(one.against_before for one in suite.expectations)
    with reading() as session:
        came = rows_written(session, organization_id, suite.table, suite.columns, changes, MOST_ROWS)
        if not came.rows:
            return None
        most = MOST_BEFORE if compared else 0
        before = rows_before(session, organization_id, suite.table, suite.columns, changes, most)
    findings = validate(suite, came.rows, before.rows, settings().today())
    return Examined(suite.table, suite.what, len(came.rows), came.total, findings)


@contextmanager
def _alone() -> Iterator[None]:
    """One examination at a time, so that no row is looked at twice."""
    try:
        with writer_lock(settings().evidence_path / "examination.lock", WAIT_SECONDS):
            yield
    except LakeLocked as held:
        raise ExaminationBusy(
            f"Another examination has been running for over {WAIT_SECONDS // 60} minutes. Wait for it to end."
        ) from held
