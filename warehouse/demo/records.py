"""Deals as rows: what the demo company's CRM holds about them on the evening of a day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from warehouse.demo.chance import dice
from warehouse.demo.customers import Standing
from warehouse.demo.deals import Deal
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sales import Stage

Row = dict[str, Any]


def opportunity_row(deal: Deal, until: date) -> Row:
    """The deal at the rung it has reached."""
    climbs = deal.known_climbs(until)
    latest = climbs[-1]
    is_named = deal.is_named(until)
    return {
        "id": deal.id,
        "name": f"{deal.client.name} · {deal.basket[0].product.name}",
        "customer_id": deal.client.id,
        "sales_rep_id": deal.rep.id,
        "stage": latest.stage,
        "amount": deal.total if is_named else None,
        "opened_on": deal.opened_on,
        "expected_close_on": deal.expected_close_on if is_named else None,
        "closed_on": None if latest.stage.is_open else latest.at.date(),
        "source": deal.source,
        "lost_reason": deal.lost_reason if latest.stage.is_lost else None,
        "competitor_info": {"name": deal.rival} if deal.rival else {},
        "created_at": climbs[0].at,
        "created_by": deal.rep.id,
        "updated_at": latest.at,
        "updated_by": deal.rep.id,
    }


def line_item_rows(deal: Deal, until: date, seed: int) -> list[Row]:
    """Its products; a price nobody has named yet is null."""
    throws = dice(seed, "lines", deal.number)
    opened_at = deal.climbs[0].at
    priced_at = next((c.at for c in deal.known_climbs(until) if c.stage is Stage.QUALIFIED), opened_at)
    return [
        {
            "id": uuid7(opened_at, throws),
            "opportunity_id": deal.id,
            "product_id": line.product.id,
            "position": position,
            "quantity": Decimal(line.quantity),
            "unit_price": line.unit_price if deal.is_named(until) else None,
            "created_at": opened_at,
            "created_by": deal.rep.id,
            "updated_at": priced_at if deal.is_vague else opened_at,
            "updated_by": deal.rep.id,
        }
        for position, line in enumerate(deal.basket, start=1)
    ]


def stage_change_rows(deal: Deal, until: date, seed: int) -> list[Row]:
    """Each rung it has reached, known at the moment it happened."""
    throws = dice(seed, "climbs", deal.number)
    climbs = deal.known_climbs(until)
    return [
        {
            "id": uuid7(climb.at, throws),
            "opportunity_id": deal.id,
            "from_stage": before.stage if before else None,
            "to_stage": climb.stage,
            "changed_on": climb.at.date(),
            "changed_by": deal.rep.id,
            "reason": deal.lost_reason if climb.stage.is_lost else None,
            "recorded_at": climb.at,
            "recorded_at_assumed": False,
        }
        for before, climb in zip((None, *climbs), climbs, strict=False)
    ]


def standing(deals: Sequence[Deal], until: date) -> Standing:
    """What one client's deals say about it on the evening of `until`."""
    known = [climb for deal in deals for climb in deal.known_climbs(until)]
    return Standing(
        won_at=min((climb.at for climb in known if climb.stage.is_won), default=None),
        was_qualified=any(climb.stage is Stage.QUALIFIED for climb in known),
        has_open_deal=any(deal.closes_on > until for deal in deals),
    )
