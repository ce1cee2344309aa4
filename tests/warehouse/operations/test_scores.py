"""What models find out comes back to the records, beside what people write and without a trace in the lake's clock."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.insights import WriteScores, write_scores
from warehouse.tenancy import Actor, Forbidden, system_actor

Do = Callable[..., Any]
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def _write(actor: Actor, *rows: dict[str, Any], entity: str = "customers") -> int:
    asked = WriteScores(entity=entity, model_version="churn-7", as_of=AS_OF, rows=list(rows))
    with writing() as session:
        return write_scores(session, actor, asked)


def _now(customer_id: str) -> Customer:
    with reading() as session:
        return session.get_one(Customer, customer_id)


@pytest.fixture
def platform(ana: Actor) -> Actor:
    """The platform at work for acme."""
    return system_actor(ana.organization_id, "scores")


def test_a_score_says_from_when_and_by_which_model(platform: Actor, pebble: Any) -> None:
    assert _write(platform, {"id": pebble.id, "health_score": 61, "engagement_score": 40}) == 1
    now = _now(pebble.id)
    assert (now.health_score, now.derived_as_of, now.derived_model_version) == (61, AS_OF, "churn-7")


def test_neither_the_version_nor_the_change_sequence_moves(platform: Actor, pebble: Any) -> None:
    before = _now(pebble.id)
    with reading() as session:
        last = session.scalar(select(func.max(ChangeEvent.seq)))
    _write(platform, {"id": pebble.id, "health_score": 61})
    after = _now(pebble.id)
    assert (after.version, after.change_seq, after.updated_at) == (before.version, before.change_seq, before.updated_at)
    with reading() as session:
        assert session.scalar(select(func.max(ChangeEvent.seq))) == last


def test_it_is_audited_once_for_all_rows(platform: Actor, do: Do, pebble: Any) -> None:
    other = do("customers.create_customer", name="Quarry")
    _write(platform, {"id": pebble.id, "health_score": 61}, {"id": other.id, "health_score": 12})
    with reading() as session:
        told = session.scalars(select(AuditEvent).where(AuditEvent.operation == "insights.write_scores")).one()
    assert (told.actor_label, told.details["rows"]) == ("scores", 2)


def test_another_organizations_record_stays_as_it_is(pebble: Any, bob: Actor) -> None:
    assert _write(system_actor(bob.organization_id, "scores"), {"id": pebble.id, "health_score": 61}) == 0
    assert _now(pebble.id).health_score is None


def test_only_what_is_found_out_can_be_written(platform: Actor, pebble: Any) -> None:
    for row in ({"name": "Changed"}, {"version": 7}, {"derived_as_of": AS_OF}, {}):
        with pytest.raises(NotAllowedNow):
            _write(platform, {"id": pebble.id, **row})
    with pytest.raises(NotAllowedNow, match="products"):
        _write(platform, {"id": pebble.id, "health_score": 1}, entity="products")
    assert _now(pebble.id).name == "Pebble"


def test_no_person_writes_scores(ana: Actor, pebble: Any) -> None:
    with pytest.raises(Forbidden, match="insights:score"):
        _write(ana, {"id": pebble.id, "health_score": 61})
