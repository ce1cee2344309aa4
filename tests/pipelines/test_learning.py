"""What models learn from is what was known then: nothing that was written later changes it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from sqlalchemy import select

from pipelines.ingest.operational import ingest
from pipelines.learning import main as build
from tests.houses import House
from warehouse.lake.connection import open_lake
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, reading_as, writing_as
from warehouse.oltp.sales import Opportunity
from warehouse.oltp.support import Ticket
from warehouse.operations.organization import find_organization
from warehouse.operations.rooms import OPERATIONS
from warehouse.settings import settings
from warehouse.tenancy import Actor, operator_actor

pytestmark = pytest.mark.slow

TASKS = ("lead", "churn", "win", "late")
HORIZONS = {"lead": 90, "churn": 60, "win": 180}

Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@pytest.fixture
def demo(house: House, enter: Callable[[House], None]) -> Actor:
    enter(house)
    with reading() as session:
        return operator_actor(find_organization(session, "demo").id)


def _rows(table: str) -> Rows:
    """Every row of a table of the learning workshop, by organization, subject and day."""
    with duckdb.connect(str(settings().learning_path), read_only=True) as connection:
        found = connection.execute(f"select * from learning.{table}")
        names = [column[0] for column in found.description]
        keys = [names.index(name) for name in ("organization_id", "subject_id", "snapshot_on")]
        return {tuple(row[key] for key in keys): row for row in found.fetchall()}


def _check_outcomes(demo: Actor) -> None:
    """Null until the window is over, and then not."""
    with duckdb.connect(str(settings().learning_path), read_only=True) as connection:
        [(horizon,)] = connection.execute(
            "select known_until from learning.int_learning_horizons where organization_id = ?", [demo.organization_id]
        ).fetchall()
    for task, days in HORIZONS.items():
        labels = [row for row in _rows(f"ml_{task}_label").values() if str(row[0]) == demo.organization_id]
        assert {row[-1] for row in labels} >= {True, False, None}, task
        for row in labels:
            assert (row[-1] is None) == (row[2] + timedelta(days=days) > horizon)


def _write_late(actor: Actor) -> None:
    """Deeds of two years ago that are told only now, of customers and deals that have been there all along."""
    with reading_as(actor) as session:
        customers = session.scalars(select(Customer.id).order_by(Customer.id).limit(40)).all()
        deals = session.scalars(select(Opportunity).order_by(Opportunity.id).limit(40)).all()
    with writing_as(actor) as session:
        run = OPERATIONS["sales.create_activity"]
        for customer, deal in zip(customers, deals, strict=True):
            for back in (200, 400, 600):
                day = date(2026, 9, 1) - timedelta(days=back)
                run(session, actor, run.input(kind="call", subject="late", customer_id=customer, happened_on=day))
                run(session, actor, run.input(kind="call", subject="late", opportunity_id=deal.id, happened_on=day))


def test_a_snapshot_tells_what_was_known_and_stays_so_whatever_is_written_later(demo: Actor) -> None:
    assert build() == 0
    _check_outcomes(demo)
    _compare_with_the_store(demo)
    before = {task: (_rows(f"ml_{task}_snapshot"), _rows(f"ml_{task}_label")) for task in TASKS}
    _write_late(demo)
    with open_lake(write=True) as lake:
        assert ingest(lake, "later").anything
    assert build() == 0
    for task, (snapshots, labels) in before.items():
        after = _rows(f"ml_{task}_snapshot")
        kept = set(snapshots) & set(after)
        assert len(kept) > 100, task
        # Two years of Mondays move on with the days; none within them is lost.
        assert {key[2] for key in set(snapshots) - kept} <= {min(key[2] for key in snapshots)}
        assert {key: snapshots[key] for key in kept} == {key: after[key] for key in kept}
        told = _rows(f"ml_{task}_label")
        assert all(told[key] == row for key, row in labels.items() if key in told and row[-1] is not None)
    # What is written now counts from now on.
    with duckdb.connect(str(settings().learning_path), read_only=True) as connection:
        [(late,)] = connection.execute(
            "select count(*) from learning.fct_events where known_at::date - occurred_on > 150 and kind = 'call'"
        ).fetchall()
    assert late >= 240


def _compare_with_the_store(actor: Actor) -> None:
    """Tickets of the ninety days before, of every customer and Monday, by plain Python over the store."""
    with reading_as(actor) as session:
        tickets = session.scalars(select(Ticket)).all()
    with duckdb.connect(str(settings().learning_path), read_only=True) as connection:
        asked = "select subject_id, snapshot_on, ticket_90d from learning.ml_churn_snapshot where organization_id = ?"
        found = connection.execute(asked, [actor.organization_id]).fetchall()
    assert sum(row[2] for row in found) > 0
    of_customer: dict[str, list[Ticket]] = {}
    for ticket in tickets:
        of_customer.setdefault(str(ticket.customer_id), []).append(ticket)
    for subject, day, counted in found:
        known = [
            ticket
            for ticket in of_customer.get(str(subject), [])
            if ticket.created_at.date() < day
            and (ticket.deleted_at is None or ticket.deleted_at.date() >= day)
            and day - timedelta(days=90) <= ticket.opened_at.date() < day
        ]
        assert counted == len(known), (subject, day)
