"""What people may do with deals, and what every deed leaves behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import func, select

from warehouse.oltp.base import Base
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.oltp.sales import Opportunity, OpportunityLineItem, OpportunityStageChange, Stage
from warehouse.oltp.sales_catalogue import Product
from warehouse.operations.bulk import Batch, BulkLoad, bulk_load
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.declare import NotAllowedNow, NotFound, Operation, StaleVersion
from warehouse.operations.organization_settings import EditSettings, edit_settings
from warehouse.operations.sales import (
    CreateOpportunity,
    DealFilter,
    EditOpportunity,
    MoveOpportunity,
    OneOpportunity,
    close_date_history,
    create_opportunity,
    delete_opportunity,
    edit_opportunity,
    get_opportunity,
    list_opportunities,
    move_opportunity,
    restore_opportunity,
    stage_history,
)
from warehouse.settings import settings
from warehouse.tenancy import Actor, Forbidden

TODAY = date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _today(store: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGHOUSE_NOW", f"{TODAY}T10:00:00")
    settings.cache_clear()


def _do(operation: Operation[Any, Any], actor: Actor, request: BaseModel) -> Any:
    with writing() as session:
        return operation(session, actor, request)


def _create(actor: Actor, **fields: Any) -> Opportunity:
    return _do(create_opportunity, actor, CreateOpportunity(**{"name": "Roof", **fields}))


def _move(actor: Actor, deal: Opportunity, stage: Stage, **fields: Any) -> Opportunity:
    request = MoveOpportunity(id=deal.id, version=deal.version, stage=stage, **fields)
    return _do(move_opportunity, actor, request)


def _edit(actor: Actor, deal: Opportunity, **fields: Any) -> Opportunity:
    return _do(edit_opportunity, actor, EditOpportunity(id=deal.id, version=deal.version, **fields))


def _this(deal: Opportunity, **changes: Any) -> OneOpportunity:
    return OneOpportunity(**{"id": deal.id, "version": deal.version, **changes})


def _customer(actor: Actor) -> str:
    return _do(create_customer, actor, CreateCustomer(name="Pebble & Sons")).id


def _product(actor: Actor, name: str = "Kite") -> str:
    row = {"id": uuid7(), "name": name, "currency": "USD", "is_active": True, "metadata": {}}
    _do(bulk_load, actor, BulkLoad(source="tests", batches=[Batch("products", [row])], identities=[]))
    return str(row["id"])


def _now(deal: Opportunity) -> Opportunity:
    with reading() as session:
        return session.get_one(Opportunity, deal.id)


def _history(actor: Actor, deal: Opportunity) -> list[tuple[Stage | None, Stage, date | None]]:
    with reading() as session:
        return [(step.from_stage, step.to_stage, step.changed_on) for step in stage_history(session, actor, deal.id)]


def _rows_by_sequence() -> dict[int, list[str]]:
    """Change sequence → the tables of the rows that carry it."""
    found: dict[int, list[str]] = {}
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            if "change_seq" in table.c:
                for (seq,) in session.execute(select(table.c.change_seq)):
                    found.setdefault(seq, []).append(table.name)
    return found


def _counts() -> tuple[int, int]:
    with reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (AuditEvent, ChangeEvent))


@contextmanager
def _leaves_nothing() -> Iterator[None]:
    before = _counts(), _rows_by_sequence()
    yield
    assert (_counts(), _rows_by_sequence()) == before


@pytest.fixture
def deal(ana: Actor) -> Opportunity:
    return _create(ana, amount=Decimal(900), opened_on=date(2026, 5, 1))


def test_a_deal_begins_as_a_lead_opened_today_without_an_amount(ana: Actor) -> None:
    made = _now(_create(ana))
    assert (made.stage, made.opened_on, made.amount, made.version) == (Stage.LEAD, TODAY, None, 1)


def test_a_deal_carries_who_made_it(ana: Actor) -> None:
    made = _now(_create(ana))
    assert (made.organization_id, made.created_by, made.updated_by) == (
        ana.organization_id,
        ana.membership_id,
        ana.membership_id,
    )


def test_a_deal_is_known_by_its_customer_its_rep_and_its_product(ana: Actor) -> None:
    made = _create(ana, customer_id=_customer(ana), sales_rep_id=ana.membership_id, product_id=_product(ana))
    with reading() as session:
        row = get_opportunity(session, ana, made.id)
    assert (row.customer, row.sales_rep, row.product) == ("Pebble & Sons", "The owner", "Kite")


def test_a_new_deal_has_taken_its_first_step(ana: Actor) -> None:
    made = _create(ana, stage=Stage.PROPOSAL, opened_on=date(2026, 5, 2))
    assert _history(ana, made) == [(None, Stage.PROPOSAL, date(2026, 5, 2))]


def test_a_deal_entered_as_won_took_that_step_on_the_day_it_closed(ana: Actor) -> None:
    made = _now(_create(ana, stage=Stage.CLOSED_WON, opened_on=date(2026, 5, 2)))
    assert made.closed_on == TODAY
    assert _history(ana, made) == [(None, Stage.CLOSED_WON, TODAY)]


def test_a_deal_cannot_be_entered_as_closed_before_it_opens(ana: Actor) -> None:
    with _leaves_nothing(), pytest.raises(NotAllowedNow, match="cannot close"):
        _create(ana, stage=Stage.CLOSED_LOST, opened_on=date(2026, 6, 1))


def test_an_edit_changes_what_is_given_and_nothing_else(ana: Actor, deal: Opportunity) -> None:
    _edit(ana, deal, amount=Decimal("1000.5"))
    now = _now(deal)
    assert (now.amount, now.name, now.version) == (Decimal("1000.5"), "Roof", 2)


def test_an_amount_can_become_unknown_again(ana: Actor, deal: Opportunity) -> None:
    assert _edit(ana, deal, amount=None).amount is None


def _expected(actor: Actor, deal: Opportunity) -> list[tuple[date | None, date | None, date]]:
    with reading() as session:
        return [
            (change.expected_before, change.expected_after, change.changed_on)
            for change in close_date_history(session, actor, deal.id)
        ]


def test_each_change_of_the_expected_close_is_remembered_with_its_day(ana: Actor, deal: Opportunity) -> None:
    first, later = TODAY + timedelta(days=10), TODAY + timedelta(days=24)
    once = _edit(ana, deal, expected_close_on=first)
    twice = _edit(ana, _edit(ana, once, expected_close_on=later), expected_close_on=later, amount=7)
    _edit(ana, twice, expected_close_on=None)
    assert _expected(ana, deal) == [(None, first, TODAY), (first, later, TODAY), (later, None, TODAY)]


def test_an_edit_that_is_refused_remembers_no_other_close(ana: Actor, deal: Opportunity) -> None:
    with _leaves_nothing(), pytest.raises(NotFound):
        _edit(ana, deal, expected_close_on=TODAY, customer_id=uuid7())
    assert _expected(ana, deal) == []


def test_a_load_that_changes_the_expected_close_is_remembered_too(ana: Actor, bob: Actor, deal: Opportunity) -> None:
    later = TODAY + timedelta(days=40)
    batch = Batch("opportunities", updates=[{"id": deal.id, "expected_close_on": later}])
    load = BulkLoad(source="tests", batches=[batch], identities=[])
    _do(bulk_load, bob, load)
    assert _expected(ana, deal) == []
    _do(bulk_load, ana, load)
    _do(bulk_load, ana, load)
    assert _expected(ana, deal) == [(None, later, TODAY)]


def test_a_deal_cannot_lose_its_name(ana: Actor, deal: Opportunity) -> None:
    with _leaves_nothing(), pytest.raises(NotAllowedNow, match="name"):
        _edit(ana, deal, name=None)


def test_an_edit_that_changes_nothing_leaves_neither_audit_nor_event(ana: Actor, deal: Opportunity) -> None:
    with _leaves_nothing():
        _edit(ana, deal, amount=Decimal("900.0000"), name="Roof")


def test_a_move_to_where_it_stands_leaves_nothing(ana: Actor, deal: Opportunity) -> None:
    with _leaves_nothing():
        _move(ana, deal, Stage.LEAD)


def test_an_edit_of_an_older_version_is_refused(ana: Actor, deal: Opportunity) -> None:
    _edit(ana, deal, amount=Decimal(1))
    with _leaves_nothing(), pytest.raises(StaleVersion, match="version 1, it is at 2"):
        _edit(ana, deal, amount=Decimal(2))


def test_a_stale_edit_is_told_what_the_deal_holds_now(ana: Actor, deal: Opportunity) -> None:
    _edit(ana, deal, amount=Decimal(1))
    with pytest.raises(StaleVersion) as refused:
        _edit(ana, deal, amount=Decimal(2))
    current = refused.value.current
    assert isinstance(current, Opportunity)
    assert (current.version, current.amount) == (2, Decimal(1))


@pytest.mark.parametrize("operation", [delete_opportunity, restore_opportunity], ids=["delete", "restore"])
def test_deleting_and_restoring_an_older_version_is_refused(
    ana: Actor, deal: Opportunity, operation: Operation[Any, Any]
) -> None:
    _edit(ana, deal, amount=Decimal(1))
    if operation is restore_opportunity:
        _do(delete_opportunity, ana, _this(deal, version=2))
    with _leaves_nothing(), pytest.raises(StaleVersion):
        _do(operation, ana, _this(deal))


def test_a_deal_climbs_the_ladder_and_every_rung_is_remembered(ana: Actor, deal: Opportunity) -> None:
    climbing = deal
    for stage in (Stage.QUALIFIED, Stage.PROPOSAL, Stage.NEGOTIATION, Stage.CLOSED_WON):
        climbing = _move(ana, climbing, stage)
    assert [step[:2] for step in _history(ana, deal)] == [
        (None, Stage.LEAD),
        (Stage.LEAD, Stage.QUALIFIED),
        (Stage.QUALIFIED, Stage.PROPOSAL),
        (Stage.PROPOSAL, Stage.NEGOTIATION),
        (Stage.NEGOTIATION, Stage.CLOSED_WON),
    ]
    assert _now(deal).version == 5


def test_a_deal_closes_on_the_day_that_is_told(ana: Actor, deal: Opportunity) -> None:
    _move(ana, deal, Stage.CLOSED_WON, on=date(2026, 5, 15))
    assert _now(deal).closed_on == date(2026, 5, 15)
    assert _history(ana, deal)[-1] == (Stage.LEAD, Stage.CLOSED_WON, date(2026, 5, 15))


def test_a_deal_closes_today_when_no_day_is_told(ana: Actor, deal: Opportunity) -> None:
    assert _move(ana, deal, Stage.CLOSED_LOST).closed_on == TODAY


def test_today_is_the_day_where_the_organization_is(
    ana: Actor, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONGHOUSE_NOW", f"{TODAY}T20:00:00")
    settings.cache_clear()
    _do(edit_settings, ana, EditSettings(timezone="Asia/Tokyo"))
    assert _move(ana, deal, Stage.CLOSED_LOST).closed_on == TODAY + timedelta(days=1)


def test_a_deal_cannot_close_before_it_opened(ana: Actor, deal: Opportunity) -> None:
    with _leaves_nothing(), pytest.raises(NotAllowedNow, match="2026-05-01 cannot close on 2026-04-30"):
        _move(ana, deal, Stage.CLOSED_WON, on=date(2026, 4, 30))


@pytest.mark.parametrize("stage", [Stage.CLOSED_WON, Stage.CLOSED_LOST])
@pytest.mark.parametrize("then", list(Stage))
def test_a_closed_deal_stays_closed(ana: Actor, deal: Opportunity, stage: Stage, then: Stage) -> None:
    closed = _move(ana, deal, stage)
    with _leaves_nothing(), pytest.raises(NotAllowedNow, match="nothing moves"):
        _move(ana, closed, then)


def test_a_deleted_deal_is_gone_and_a_restored_one_is_back(ana: Actor, deal: Opportunity) -> None:
    _do(delete_opportunity, ana, _this(deal))
    with reading() as session:
        assert list_opportunities(session, ana) == (0, [])
        with pytest.raises(NotFound):
            get_opportunity(session, ana, deal.id)
    _do(restore_opportunity, ana, _this(deal, version=2))
    with reading() as session:
        assert get_opportunity(session, ana, deal.id).deal.version == 3


@pytest.mark.parametrize("operation", [delete_opportunity, edit_opportunity, move_opportunity], ids=lambda o: o.name)
def test_nothing_can_be_done_with_a_deleted_deal(ana: Actor, deal: Opportunity, operation: Operation[Any, Any]) -> None:
    _do(delete_opportunity, ana, _this(deal))
    extra = {"stage": Stage.QUALIFIED} if operation is move_opportunity else {}
    with _leaves_nothing(), pytest.raises(NotFound):
        _do(operation, ana, operation.input(id=deal.id, version=2, **extra))


def test_a_living_deal_cannot_be_restored(ana: Actor, deal: Opportunity) -> None:
    with _leaves_nothing(), pytest.raises(NotFound):
        _do(restore_opportunity, ana, _this(deal))


REQUESTS: dict[str, Callable[[str], tuple[Operation[Any, Any], BaseModel]]] = {
    "edit": lambda id_: (edit_opportunity, EditOpportunity(id=id_, version=1, amount=Decimal(1))),
    "move": lambda id_: (move_opportunity, MoveOpportunity(id=id_, version=1, stage=Stage.CLOSED_WON)),
    "delete": lambda id_: (delete_opportunity, OneOpportunity(id=id_, version=1)),
    "restore": lambda id_: (restore_opportunity, OneOpportunity(id=id_, version=1)),
}


@pytest.mark.parametrize("deed", REQUESTS)
def test_another_organizations_deal_is_not_found(bob: Actor, deal: Opportunity, deed: str) -> None:
    operation, request = REQUESTS[deed](deal.id)
    with _leaves_nothing(), pytest.raises(NotFound, match="no such deal here"):
        _do(operation, bob, request)


def test_reading_stays_within_the_organization(bob: Actor, deal: Opportunity) -> None:
    with reading() as session:
        assert list_opportunities(session, bob) == (0, [])
        assert stage_history(session, bob, deal.id) == []
        with pytest.raises(NotFound):
            get_opportunity(session, bob, deal.id)


@pytest.mark.parametrize("deed", REQUESTS)
def test_a_viewer_may_not_change_a_deal(vic: Actor, deal: Opportunity, deed: str) -> None:
    operation, request = REQUESTS[deed](deal.id)
    with _leaves_nothing(), pytest.raises(Forbidden, match="sales:write"):
        _do(operation, vic, request)


def test_a_viewer_may_not_create_a_deal(vic: Actor) -> None:
    with _leaves_nothing(), pytest.raises(Forbidden, match="sales:write"):
        _create(vic)


def test_a_viewer_sees_the_deals(vic: Actor, deal: Opportunity) -> None:
    with reading() as session:
        assert get_opportunity(session, vic, deal.id).deal.amount == 900


@pytest.mark.parametrize("request_", [CreateOpportunity, EditOpportunity, MoveOpportunity, OneOpportunity])
def test_an_unknown_field_is_refused(request_: type[BaseModel]) -> None:
    given = {"id": "x", "version": 1, "name": "Roof", "stage": "lead"}
    known = {name: value for name, value in given.items() if name in request_.model_fields}
    request_.model_validate(known)
    with pytest.raises(ValidationError, match="extra_forbidden"):
        request_.model_validate(known | {"organization_id": "another"})


@pytest.mark.parametrize("amount", ["-1", "0.00001", "123456789012345678.9", "NaN", "Infinity", "many", True])
@pytest.mark.parametrize("request_", [CreateOpportunity, EditOpportunity])
def test_a_bad_amount_is_refused(request_: type[BaseModel], amount: Any) -> None:
    with pytest.raises(ValidationError, match="amount"):
        request_.model_validate(
            {"name": "Roof", "amount": amount} | ({"id": "x", "version": 1} if request_ is EditOpportunity else {})
        )


@pytest.mark.parametrize("amount", ["99999999999999.9999", "100000000000000", "999999999999999999"])
def test_an_amount_that_is_accepted_can_be_kept(ana: Actor, amount: str) -> None:
    """Eighteen digits, four of them decimals: what the request lets through, the store must be able to hold."""
    try:
        request = CreateOpportunity(name="Roof", amount=Decimal(amount))
    except ValidationError:
        return
    assert _now(_do(create_opportunity, ana, request)).amount == Decimal(amount)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_deal_needs_a_name_that_fits(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        CreateOpportunity(name=name)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_probability_is_a_percentage(percent: int) -> None:
    with pytest.raises(ValidationError, match="probability_override"):
        EditOpportunity(id="x", version=1, probability_override=percent)


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", ""])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        CreateOpportunity(name="Roof", currency=currency)


def test_another_organizations_customer_cannot_be_named(ana: Actor, bob: Actor, deal: Opportunity) -> None:
    theirs = _customer(bob)
    with _leaves_nothing():
        with pytest.raises(NotFound, match="customer"):
            _create(ana, customer_id=theirs)
        with pytest.raises(NotFound, match="customer"):
            _edit(ana, deal, customer_id=theirs)


def test_another_organizations_member_cannot_be_named(ana: Actor, bob: Actor, deal: Opportunity) -> None:
    with _leaves_nothing():
        with pytest.raises(NotFound, match="sales rep"):
            _create(ana, sales_rep_id=bob.membership_id)
        with pytest.raises(NotFound, match="sales rep"):
            _edit(ana, deal, sales_rep_id=bob.membership_id)


def test_another_organizations_product_cannot_be_named(ana: Actor, bob: Actor) -> None:
    theirs = _product(bob)
    with _leaves_nothing(), pytest.raises(NotFound, match="product"):
        _create(ana, product_id=theirs)


WRITES: dict[str, Callable[[Actor, Opportunity], Any]] = {
    "create": lambda ana, deal: _create(ana),
    "create with a product": lambda ana, deal: _create(ana, product_id=_product(ana)),
    "edit": lambda ana, deal: _edit(ana, deal, amount=Decimal(1)),
    "move": lambda ana, deal: _move(ana, deal, Stage.PROPOSAL),
    "delete": lambda ana, deal: _do(delete_opportunity, ana, _this(deal)),
}
WRITTEN = {
    "create": ["opportunities", "opportunity_stage_changes"],
    "create with a product": ["opportunities", "opportunity_line_items", "opportunity_stage_changes"],
    "edit": ["opportunities"],
    "move": ["opportunities", "opportunity_stage_changes"],
    "delete": ["opportunities"],
}


@pytest.mark.parametrize("deed", WRITES)
def test_a_write_leaves_one_audit_row_and_one_event_whose_number_is_on_every_row(
    ana: Actor, deal: Opportunity, deed: str
) -> None:
    if deed == "create with a product":
        product = _product(ana)
        before = _counts()
        _create(ana, product_id=product)
    else:
        before = _counts()
        WRITES[deed](ana, deal)
    assert _counts() == (before[0] + 1, before[1] + 1)
    with reading() as session:
        event = session.scalars(select(ChangeEvent).order_by(ChangeEvent.seq.desc())).first()
        assert event is not None
        audit = session.get_one(AuditEvent, event.audit_event_id)
    assert sorted(_rows_by_sequence()[event.seq]) == WRITTEN[deed]
    assert (audit.operation, audit.entity, audit.entity_id) == (event.operation, "opportunities", event.entity_id)
    assert (audit.actor_id, audit.organization_id) == (ana.membership_id, ana.organization_id)


def test_the_audit_tells_old_and_new_values_of_business_fields(ana: Actor, deal: Opportunity) -> None:
    _edit(ana, deal, amount=Decimal(1000))
    with reading() as session:
        details = session.scalars(select(AuditEvent.details).order_by(AuditEvent.position.desc())).first()
    assert details is not None
    assert details["changed"] == {"amount": ["900.0000", "1000"]}


def test_the_audit_never_tells_a_personal_value(ana: Actor) -> None:
    person = "Robin Hood"
    made = _create(ana, name=person)
    edited = _edit(ana, made, name=f"{person} again")
    moved = _move(ana, edited, Stage.CLOSED_LOST, reason=f"{person} said no")
    _do(delete_opportunity, ana, _this(moved))
    with reading() as session:
        told = [str(row) for row in session.scalars(select(AuditEvent.details))]
    assert any("'name': 'changed'" in one for one in told)
    assert not any(person in one for one in told)


def test_a_refused_deed_leaves_nothing_even_when_the_caller_goes_on(ana: Actor, deal: Opportunity) -> None:
    """The caller may catch the refusal inside its own transaction, as a batch of edits would."""
    with _leaves_nothing(), writing() as session:
        with pytest.raises(NotFound):
            create_opportunity(session, ana, CreateOpportunity(name="Roof", product_id=uuid7()))
        with pytest.raises(StaleVersion):
            edit_opportunity(session, ana, EditOpportunity(id=deal.id, version=7, amount=Decimal(1)))


def test_deals_are_found_by_stage_rep_customer_and_words(ana: Actor) -> None:
    customer = _customer(ana)
    roof = _create(ana, name="Roof 100%", customer_id=customer)
    cellar = _create(ana, name="Cellar", stage=Stage.PROPOSAL, sales_rep_id=ana.membership_id)
    asked = [
        (DealFilter(stages=["proposal"]), [cellar.id]),
        (DealFilter(sales_rep_ids=[str(ana.membership_id)]), [cellar.id]),
        (DealFilter(customer_ids=[customer]), [roof.id]),
        (DealFilter(text="pebble"), [roof.id]),
        (DealFilter(text="100%"), [roof.id]),
        (DealFilter(text="%"), [roof.id]),
        (DealFilter(text="_"), []),
        (DealFilter(stages=["proposal"], text="roof"), []),
    ]
    with reading() as session:
        for wanted, ids in asked:
            assert [row.deal.id for row in list_opportunities(session, ana, wanted)[1]] == ids, wanted


def test_a_page_says_how_many_deals_there_are_in_all(ana: Actor) -> None:
    made = [_create(ana, name=f"Deal {n}").id for n in range(5)]
    with reading() as session:
        total, page = list_opportunities(session, ana, offset=1, limit=2)
    assert (total, [row.deal.id for row in page]) == (5, [made[3], made[2]])


def test_a_deal_with_two_lines_is_listed_once_under_its_first(ana: Actor) -> None:
    deal = _create(ana, product_id=_product(ana, "Kite"))
    line = {"id": uuid7(), "opportunity_id": deal.id, "product_id": _product(ana, "Anchor"), "position": 2}
    line |= {"quantity": Decimal(1), "metadata": {}}
    _do(bulk_load, ana, BulkLoad(source="tests", batches=[Batch("opportunity_line_items", [line])], identities=[]))
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(OpportunityLineItem)) == 2
        total, page = list_opportunities(session, ana)
    assert (total, [row.product for row in page]) == (1, ["Kite"])


def test_history_is_kept_even_when_the_deal_is_deleted(ana: Actor, deal: Opportunity) -> None:
    _do(delete_opportunity, ana, _this(deal))
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(OpportunityStageChange)) == 1
        assert session.scalar(select(func.count()).select_from(Product)) == 0
