"""A field that an organization adds is a way to cut its numbers, with receipts that hold, and nobody else's."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.houses import House
from warehouse.metrics.answer import answer
from warehouse.metrics.catalogue import Unknown
from warehouse.metrics.question import Question
from warehouse.metrics.serving import serving_as
from warehouse.oltp.custom_fields import CustomField
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, reading_as, writing_as
from warehouse.oltp.marketing import Campaign, CampaignDailyCost
from warehouse.oltp.sales import Opportunity
from warehouse.oltp.support import Ticket
from warehouse.operations.organization import list_organizations
from warehouse.operations.rooms import OPERATIONS
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, member, operator_actor

pytestmark = pytest.mark.slow

FIELDS = (
    ("customers", "tier", "choice", "business", ["gold", "silver"]),
    ("customers", "seats", "number", "restricted", []),
    ("customers", "motto", "text", "personal", []),
    ("opportunities", "stage_gate", "day", "business", []),
    ("opportunities", "country", "text", "business", []),
    ("campaigns", "theme", "choice", "business", ["spring", "autumn"]),
    ("tickets", "cause", "text", "business", []),
)


def _do(session: Any, actor: Actor, name: str, **values: Any) -> Any:
    run = OPERATIONS[name]
    return run(session, actor, run.input(**values))


def _fill(actor: Actor) -> None:
    """Fields of every kind, and values for the customers that have won deals."""
    with writing_as(actor) as session:
        for entity, key, kind, privacy, choices in FIELDS:
            asked = {"entity": entity, "key": key, "label": key.title(), "kind": kind, "privacy": privacy}
            _do(session, actor, "organization.create_custom_field", **asked, choices=choices)
        for number, customer in enumerate(
            session.scalars(select(Customer).where(Customer.deleted_at.is_(None)).order_by(Customer.id).limit(60))
        ):
            values = {"tier": ["gold", "silver"][number % 2], "seats": f"{number}.50", "motto": f"motto {number}"}
            edit = {"id": customer.id, "version": customer.version, "custom_fields": values}
            _do(session, actor, "customers.edit_customer", **edit)
        for deal in session.scalars(
            select(Opportunity).where(Opportunity.deleted_at.is_(None)).order_by(Opportunity.id).limit(20)
        ):
            values = {"stage_gate": "2026-03-31", "country": "theirs"}
            edit = {"id": deal.id, "version": deal.version, "custom_fields": values}
            _do(session, actor, "sales.edit_opportunity", **edit)

        for campaign in session.scalars(select(Campaign).where(Campaign.deleted_at.is_(None)).limit(8)):
            edit = {"id": campaign.id, "version": campaign.version, "custom_fields": {"theme": "spring"}}
            _do(session, actor, "marketing.edit_campaign", **edit)
        for ticket in session.scalars(select(Ticket).where(Ticket.deleted_at.is_(None)).limit(30)):
            edit = {"id": ticket.id, "version": ticket.version, "custom_fields": {"cause": "weather"}}
            _do(session, actor, "support.edit_ticket", **edit)


def _spent_by_theme(actor: Actor) -> dict[str | None, Decimal]:
    with reading_as(actor) as session:
        themes = {one.id: one.custom_fields.get("theme") for one in session.scalars(select(Campaign))}
        found: dict[str | None, Decimal] = {}
        for day in session.scalars(select(CampaignDailyCost).where(CampaignDailyCost.deleted_at.is_(None))):
            theme = themes[day.campaign_id]
            found[theme] = found.get(theme, Decimal(0)) + day.amount
        return found


def _won_by_tier(actor: Actor) -> dict[str | None, Decimal]:
    """The same from the store, by other code."""
    with reading_as(actor) as session:
        tiers = {one.id: one.custom_fields.get("tier") for one in session.scalars(select(Customer))}
        found: dict[str | None, Decimal] = {}
        won = select(Opportunity).where(Opportunity.stage == "closed_won", Opportunity.deleted_at.is_(None))
        for deal in session.scalars(won):
            tier = tiers.get(deal.customer_id or "")
            found[tier] = found.get(tier, Decimal(0)) + (deal.amount or 0)
        return found


def test_an_own_field_cuts_numbers_and_its_receipts_hold(house: House) -> None:
    with house.entered():
        with reading() as session:
            ids = {one.slug: one.id for one in list_organizations(session)}
        owner = operator_actor(ids["demo"])
        _fill(owner)
        expected, spent = _won_by_tier(owner), _spent_by_theme(owner)
    house.run("refresh")
    told = house.metric("won_value,win_rate", "--org", "demo", "--by", "tier")
    assert {row["tier"]: Decimal(str(row["won_value"])) for row in told["rows"]} == expected
    assert {"gold", "silver", None} == set(expected)
    assert "holds" in house.run("verify", told["receipt"]).stdout

    # A name that was governed already still means what it meant; a day filters as days do, a number as a number.
    days = house.metric("deal_count", "--org", "demo", "--by", "stage_gate", "--where", "stage_gate=2026-03-31")
    assert [(row["stage_gate"], row["deal_count"]) for row in days["rows"]] == [("2026-03-31", 20)]
    own = house.metric("deal_count", "--org", "demo", "--by", "opportunity_country")
    assert {row["opportunity_country"] for row in own["rows"]} == {"theirs", None}
    seats = house.metric("deal_count", "--org", "demo", "--by", "seats")
    found = {row["seats"] for row in seats["rows"]} - {None}
    assert found
    assert found <= {f"{number}.5" for number in range(60)}

    # Fields of campaigns cut what was spent, those of tickets whatever is told of tickets.
    costs = house.metric("campaign_spend", "--org", "demo", "--by", "theme")["rows"]
    assert {row["theme"]: Decimal(str(row["campaign_spend"])) for row in costs} == spent
    assert {"spring", None} == set(spent)
    caused = house.metric("ticket_count,open_ticket_count", "--org", "demo", "--by", "cause")["rows"]
    assert {row["cause"]: row["ticket_count"] for row in caused}["weather"] == 30

    # Somebody else's organization knows nothing of it, nor does whoever may not see such fields.
    refused = house.run("metric", "won_value", "--org", "globex", "--by", "tier", check=False)
    assert refused.returncode != 0
    assert "'tier'" in refused.stderr
    with house.entered():
        asked = Question(metrics=("deal_count",), by=("seats",), as_of=settings().today())
        seller = member(ids["demo"], "", AccessRole.MEMBER, frozenset({BusinessFunction.SALES}))
        assert answer(serving_as(owner), asked).rows
        assert "restricted" in seller.hidden
        with pytest.raises(Unknown):
            answer(serving_as(seller), asked)
        # What identifies a person cuts nothing.
        with pytest.raises(Unknown):
            answer(serving_as(owner), asked.model_copy(update={"by": ("motto",)}))

    # The extract is gone and the field too: what was said still holds.
    with house.entered(), writing_as(owner) as session:
        field = session.scalars(select(CustomField).where(CustomField.key == "tier")).one()
        _do(session, owner, "organization.delete_custom_field", id=field.id, version=field.version)
    house.run("refresh")
    assert "holds" in house.run("verify", told["receipt"]).stdout
    gone = house.run("metric", "won_value", "--org", "demo", "--by", "tier", check=False)
    assert gone.returncode != 0
