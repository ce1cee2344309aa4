"""What a model was asked for an organization is counted, in its own audit and for itself alone."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, User
from warehouse.operations.audit_chain import verify_chain
from warehouse.operations.events import MODEL_ASKED
from warehouse.operations.model_calls import ModelCall, record_call, spent_in_month
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings
from warehouse.tenancy import Actor, operator_actor


@pytest.fixture
def owner(store: object) -> Actor:
    """An organization of its own, and the operator's rights in it."""
    with writing() as session:
        user = User(email="ana@acme.test", profile={}, created_at=NOVEMBER)
        session.add(user)
        session.flush()
        asked = CreateOrganization(slug="acme", name="Acme", owner_user_id=user.id, owner_name="Ana")
        return operator_actor(create_organization(session, asked).id)


CALL = ModelCall("m", 900, 100, 420, "answered")
NOVEMBER, DECEMBER = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def test_tokens_and_cost_are_those_of_the_month(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "openai_price_in", 2.0)
    monkeypatch.setattr(settings(), "openai_price_out", 10.0)
    with writing() as session:
        record_call(session, owner, CALL, now=NOVEMBER)
        record_call(session, owner, CALL, now=NOVEMBER)
        record_call(session, owner, CALL, now=DECEMBER)
    with reading() as session:
        months = [spent_in_month(session, owner, day) for day in (NOVEMBER.replace(day=30), DECEMBER)]
        assert [(one.calls, one.tokens, one.cost) for one in months] == [
            (2, 2_000, Decimal("0.0056")),
            (1, 1_000, Decimal("0.0028")),
        ]
        [told, *_] = session.scalars(select(AuditEvent.details).where(AuditEvent.operation == MODEL_ASKED)).all()
        assert verify_chain(session, owner.organization_id).holds
    assert set(told) == {"model", "tokens_in", "tokens_out", "milliseconds", "outcome", "cost"}
    assert Decimal(told["cost"]) == Decimal("0.0028")


def test_without_a_price_the_cost_is_unknown_and_the_budget_is_held(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "openai_monthly_tokens", 1_000)
    with writing() as session:
        record_call(session, owner, CALL, now=NOVEMBER)
    with reading() as session:
        spent = spent_in_month(session, owner, NOVEMBER)
    assert (spent.cost, spent.is_over) == (None, True)
