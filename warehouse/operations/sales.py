"""What people may do with deals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from warehouse.oltp.customers import Customer
from warehouse.oltp.organization import Membership
from warehouse.oltp.sales import (
    Opportunity,
    OpportunityCloseDateChange,
    OpportunityLineItem,
    OpportunityStageChange,
    Stage,
)
from warehouse.oltp.sales_catalogue import Product
from warehouse.operations.close_dates import note_close_dates
from warehouse.operations.custom_values import check_custom_fields
from warehouse.operations.declare import NotAllowedNow, Work, find, open_at, operation
from warehouse.operations.fields import Amount, Currency, Name, Request, Word
from warehouse.operations.register import append
from warehouse.operations.rules import check_references
from warehouse.operations.typed import OwnFields
from warehouse.tenancy import Actor


class CreateOpportunity(Request):
    """A new deal."""

    name: Name
    customer_id: str | None = None
    sales_rep_id: str | None = None
    contact_id: str | None = None
    territory_id: str | None = None
    campaign_id: str | None = None
    source: Word | None = None
    competitor_info: OwnFields = Field(default_factory=dict)
    custom_fields: OwnFields = Field(default_factory=dict)
    product_id: str | None = None
    stage: Stage = Stage.LEAD
    amount: Amount | None = None
    currency: Currency = "USD"
    opened_on: date | None = None
    expected_close_on: date | None = None


class EditOpportunity(Request):
    """New values for the fields that are given; `version` is the one the editor saw."""

    id: str
    version: int
    name: Name | None = None
    customer_id: str | None = None
    sales_rep_id: str | None = None
    contact_id: str | None = None
    territory_id: str | None = None
    campaign_id: str | None = None
    source: Word | None = None
    competitor_info: OwnFields | None = None
    custom_fields: OwnFields | None = None
    amount: Amount | None = None
    expected_close_on: date | None = None
    probability_override: Annotated[int, Field(ge=0, le=100)] | None = None


class MoveOpportunity(Request):
    """To another rung of the ladder."""

    id: str
    version: int
    stage: Stage
    on: date | None = None
    reason: Annotated[str, StringConstraints(max_length=200)] | None = None


class OneOpportunity(Request):
    """A deal at the version the caller saw."""

    id: str
    version: int


@operation("sales.create_opportunity", permission="sales:write", entity="opportunities", input=CreateOpportunity)
def create_opportunity(work: Work, request: CreateOpportunity) -> Opportunity:
    """Create a deal."""
    values = request.model_dump(exclude={"product_id"})
    deal = Opportunity(**values | {"opened_on": request.opened_on or work.today})
    check_references(work, deal)
    check_custom_fields(work, deal)
    work.add(deal)
    if not deal.stage.is_open:
        _check_closing(deal, work.today)
        deal.closed_on = work.today
    work.session.flush()
    if request.product_id:
        find(work.session, work.actor, Product, request.product_id)
        work.add(OpportunityLineItem(opportunity_id=deal.id, product_id=request.product_id))
    _record_stage(work, deal, None, deal.closed_on or deal.opened_on, None)
    work.entity_id = deal.id
    return deal


@operation("sales.edit_opportunity", permission="sales:write", entity="opportunities", input=EditOpportunity)
def edit_opportunity(work: Work, request: EditOpportunity) -> Opportunity:
    """Change a deal's fields."""
    deal = open_at(work.session, work.actor, Opportunity, request.id, request.version)
    values = request.model_dump(include=request.model_fields_set - {"id", "version"})
    for needed in ("name", "competitor_info", "custom_fields"):
        if values.get(needed, deal) is None:
            raise NotAllowedNow(f"A deal needs a {needed.replace('_', ' ')}.")
    work.entity_id = deal.id
    if "expected_close_on" in values:
        note_close_dates(work, {deal.id: values["expected_close_on"]})
    with work.session.no_autoflush:
        work.rows = 1 if work.apply(deal, values) else 0
        check_references(work, deal)
        check_custom_fields(work, deal)
    return deal


@operation("sales.move_opportunity", permission="sales:write", entity="opportunities", input=MoveOpportunity)
def move_opportunity(work: Work, request: MoveOpportunity) -> Opportunity:
    """Move a deal to another stage; a closed deal stays closed."""
    deal = open_at(work.session, work.actor, Opportunity, request.id, request.version)
    if not deal.stage.is_open:
        raise NotAllowedNow(f"This deal is {deal.stage.label.lower()}; nothing moves after that.")
    work.entity_id, before, on = deal.id, deal.stage, request.on or work.today
    if request.stage is before:
        work.rows = 0
        return deal
    if not request.stage.is_open:
        _check_closing(deal, on)
    closing: dict[str, object] = {"closed_on": None if request.stage.is_open else on}
    if request.stage.is_lost:
        closing["lost_reason"] = request.reason
    work.apply(deal, {"stage": request.stage, **closing})
    _record_stage(work, deal, before, on, request.reason)
    return deal


@operation("sales.delete_opportunity", permission="sales:write", entity="opportunities", input=OneOpportunity)
def delete_opportunity(work: Work, request: OneOpportunity) -> Opportunity:
    """Delete a deal; it can be restored."""
    return work.delete(open_at(work.session, work.actor, Opportunity, request.id, request.version))


@operation("sales.restore_opportunity", permission="sales:write", entity="opportunities", input=OneOpportunity)
def restore_opportunity(work: Work, request: OneOpportunity) -> Opportunity:
    """Bring a deleted deal back."""
    return work.restore(open_at(work.session, work.actor, Opportunity, request.id, request.version, deleted=True))


@dataclass(frozen=True)
class DealRow:
    """A deal with the names people know it by."""

    deal: Opportunity
    customer: str | None
    sales_rep: str | None
    product: str | None


@dataclass(frozen=True)
class DealFilter:
    """Which deals: every part that is set must hold; values inside one part are alternatives."""

    stages: Sequence[str] = ()
    sales_rep_ids: Sequence[str] = ()
    customer_ids: Sequence[str] = ()
    ids: Sequence[str] = ()
    products: Sequence[str] = ()
    regional_offices: Sequence[str] = ()
    text: str = ""


def _matching(actor: Actor, wanted: DealFilter) -> Select[Opportunity, str | None, str | None, str | None]:
    product = (
        select(Product.name)
        .join(OpportunityLineItem, OpportunityLineItem.product_id == Product.id)
        .where(OpportunityLineItem.opportunity_id == Opportunity.id, OpportunityLineItem.deleted_at.is_(None))
        .order_by(OpportunityLineItem.position)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Opportunity, Customer.name, Membership.name, product)
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .outerjoin(Membership, Membership.id == Opportunity.sales_rep_id)
        .where(Opportunity.organization_id == actor.organization_id, Opportunity.deleted_at.is_(None))
    )
    for column, values in (
        (Opportunity.stage, wanted.stages),
        (Opportunity.sales_rep_id, wanted.sales_rep_ids),
        (Opportunity.customer_id, wanted.customer_ids),
        (Opportunity.id, wanted.ids),
        (product, wanted.products),
        (Membership.regional_office, wanted.regional_offices),
    ):
        if values:
            query = query.where(column.in_(values))
    if wanted.text.strip():
        escaped = wanted.text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(
            or_(*(c.ilike(f"%{escaped}%", escape="\\") for c in (Opportunity.name, Customer.name, Membership.name)))
        )
    return query


def list_opportunities(
    session: Session, actor: Actor, wanted: DealFilter | None = None, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[DealRow]]:
    """How many deals match, and one page of them, latest change first."""
    actor.must("sales:read")
    query = _matching(actor, wanted or DealFilter())
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(Opportunity.updated_at.desc(), Opportunity.id).offset(offset).limit(limit)
    return total, [DealRow(*row) for row in session.execute(page)]


def get_opportunity(session: Session, actor: Actor, opportunity_id: str) -> DealRow:
    """One deal with its names; another organization's is not found."""
    actor.must("sales:read")
    find(session, actor, Opportunity, opportunity_id)
    return DealRow(*session.execute(_matching(actor, DealFilter(ids=[opportunity_id]))).one())


def product_names(session: Session, actor: Actor) -> dict[str, str]:
    """Id → name of every product on sale, by name."""
    actor.must("sales:read")
    query = select(Product.id, Product.name).order_by(Product.name)
    mine = (Product.organization_id == actor.organization_id, Product.deleted_at.is_(None), Product.is_active)
    return dict(session.execute(query.where(*mine)).all())


def stage_history(session: Session, actor: Actor, opportunity_id: str) -> list[OpportunityStageChange]:
    """How the deal climbed, first step first."""
    actor.must("sales:read")
    return list(
        session.execute(
            select(OpportunityStageChange)
            .where(
                OpportunityStageChange.organization_id == actor.organization_id,
                OpportunityStageChange.opportunity_id == opportunity_id,
            )
            .order_by(OpportunityStageChange.recorded_at, OpportunityStageChange.id)
        ).scalars()
    )


def close_date_history(session: Session, actor: Actor, opportunity_id: str) -> list[OpportunityCloseDateChange]:
    """When the deal was expected to close on another day than before, first change first."""
    actor.must("sales:read")
    changes = OpportunityCloseDateChange
    mine = (changes.organization_id == actor.organization_id, changes.opportunity_id == opportunity_id)
    return list(session.scalars(select(changes).where(*mine).order_by(changes.recorded_at, changes.id)))


def _check_closing(deal: Opportunity, on: date) -> None:
    if deal.opened_on and on < deal.opened_on:
        raise NotAllowedNow(f"A deal opened on {deal.opened_on} cannot close on {on}.")


def _record_stage(work: Work, deal: Opportunity, before: Stage | None, on: date | None, reason: str | None) -> None:
    append(
        work,
        OpportunityStageChange(
            opportunity_id=deal.id,
            from_stage=before,
            to_stage=deal.stage,
            changed_on=on,
            changed_by=work.actor.membership_id,
            reason=reason,
        ),
    )
