"""What models were asked for an organization, and what that took: rows of its audit, which nobody can change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import AuditEvent
from warehouse.operations.audit import record_event
from warehouse.operations.events import MODEL_ASKED
from warehouse.settings import settings
from warehouse.tenancy import Actor

ENTITY = "model_calls"


@dataclass(frozen=True)
class ModelCall:
    """One request to a model; the question itself is not kept."""

    model: str
    tokens_in: int
    tokens_out: int
    milliseconds: int
    outcome: str
    """`answered`, or why not."""


@dataclass(frozen=True)
class Spent:
    """What an organization used of models in a month; the cost is None where a price is not set."""

    calls: int
    tokens: int
    cost: Decimal | None
    limit: int

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.tokens >= self.limit


def cost_of(tokens_in: int, tokens_out: int) -> Decimal | None:
    """What tokens cost by the prices that are set."""
    now = settings()
    if not (now.openai_price_in or now.openai_price_out):
        return None
    price_in, price_out = Decimal(str(now.openai_price_in)), Decimal(str(now.openai_price_out))
    return (price_in * tokens_in + price_out * tokens_out) / 1_000_000


def record_call(session: Session, actor: Actor, call: ModelCall, *, now: datetime | None = None) -> None:
    """Note a request to a model in the organization's audit."""
    actor.must("insights:read")
    cost = cost_of(call.tokens_in, call.tokens_out)
    details = {
        "model": call.model,
        "tokens_in": call.tokens_in,
        "tokens_out": call.tokens_out,
        "milliseconds": call.milliseconds,
        "outcome": call.outcome,
        "cost": None if cost is None else str(cost),
    }
    record_event(session, actor, MODEL_ASKED, ENTITY, details=details, now=now)


def spent_in_month(session: Session, actor: Actor, now: datetime | None = None) -> Spent:
    """What the organization used since the first of the month, in UTC."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found: Sequence[dict[str, Any]] = session.scalars(
        select(AuditEvent.details).where(
            AuditEvent.organization_id == actor.organization_id,
            AuditEvent.operation == MODEL_ASKED,
            AuditEvent.happened_at >= first,
            AuditEvent.happened_at <= moment,
        )
    ).all()
    tokens = sum(int(one["tokens_in"]) + int(one["tokens_out"]) for one in found)
    costs = [Decimal(one["cost"]) for one in found if one.get("cost") is not None]
    cost = sum(costs, Decimal(0)) if len(costs) == len(found) else None
    return Spent(len(found), tokens, cost, settings().openai_monthly_tokens)
