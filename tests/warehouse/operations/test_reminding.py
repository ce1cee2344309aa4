"""Members hear once of work that was given to them, of tasks whose day has come, and of tickets that are nearly late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from warehouse.oltp.engine import reading_as, writing
from warehouse.oltp.organization import Membership, User
from warehouse.oltp.support import Ticket
from warehouse.operations import inbox
from warehouse.operations.identity import member_actor
from warehouse.operations.reminding import remind
from warehouse.operations.telling import Topic
from warehouse.tenancy import AccessRole, Actor

NOW = datetime.now(UTC)


@pytest.fixture
def mia(ana: Actor) -> Actor:
    """A viewer at acme, who sees names."""
    return _member(ana, "mia", AccessRole.VIEWER)


def _member(ana: Actor, name: str, role: AccessRole) -> Actor:
    with writing() as session:
        user = User(email=f"{name}@acme.test", profile={}, created_at=NOW)
        session.add(user)
        session.flush()
        shared = {"created_at": NOW, "updated_at": NOW, "change_seq": 0}
        session.add(
            Membership(
                organization_id=ana.organization_id, user_id=user.id, name=name.title(), access_role=role, **shared
            )
        )
        session.flush()
        return member_actor(session, ana.organization_id, user.email)


def _told(actor: Actor, topic: Topic) -> list[tuple[str, str, str]]:
    with reading_as(actor) as session:
        return [(one.title, one.text, one.path) for one in inbox.notices_of(session, actor) if one.topic is topic]


def test_work_that_somebody_else_gave_is_told_and_ones_own_is_not(do: Any, ana: Actor, mia: Actor) -> None:
    given = do("sales.create_opportunity", name="Roof", sales_rep_id=mia.membership_id)
    do("sales.create_opportunity", name="Gate", sales_rep_id=ana.membership_id)
    assert _told(ana, Topic.ASSIGNMENT) == []
    told = [("A deal is yours now", "The owner made you responsible for “Roof”.", f"deal?id={given.id}")]
    assert _told(mia, Topic.ASSIGNMENT) == told
    # A change of something else gives nothing to anybody.
    do("sales.edit_opportunity", id=given.id, version=1, name="Roof and gate")
    assert len(_told(mia, Topic.ASSIGNMENT)) == 1
    mo = _member(ana, "mo", AccessRole.MEMBER)
    do("sales.edit_opportunity", id=given.id, version=2, sales_rep_id=mo.membership_id)
    assert _told(mo, Topic.ASSIGNMENT)[0][1] == "A colleague made you responsible for a deal.", "mo sees no names"


def test_a_task_is_told_on_its_day_and_once(do: Any, pebble: Any, mia: Actor) -> None:
    today, about = NOW.date(), {"customer_id": pebble.id, "member_id": mia.membership_id}
    for subject, due in (("Call", today), ("Later", today + timedelta(days=2)), ("Old", today - timedelta(days=9))):
        do("sales.create_activity", kind="task", subject=subject, due_on=due, **about)
    for _ in range(2):
        with writing() as session:
            remind(session, NOW)
    [(title, text, _)] = _told(mia, Topic.REMINDER)
    assert (title, text) == ("A task is due today", "“Call” is due.")


def test_a_ticket_is_told_half_an_hour_before_it_is_late(do: Any, ana: Actor, mia: Actor) -> None:
    made = do("support.create_ticket", subject="It leaks", assigned_agent_id=mia.membership_id)
    with writing() as session:
        session.get_one(Ticket, made.id).first_reply_due_at = NOW + timedelta(minutes=40)
    for minutes, told in ((0, 0), (15, 1), (20, 1)):
        with writing() as session:
            remind(session, NOW + timedelta(minutes=minutes))
        assert len(_told(mia, Topic.SLA)) == told
    assert "waits for a first reply until" in _told(mia, Topic.SLA)[0][1]
