"""Lists and records of any kind: of one organization, narrowed only by what the reader sees, in few statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from tests.statements import statements
from tests.warehouse.operations.company import Company
from tests.warehouse.operations.samples import record
from warehouse.oltp.engine import reading_as, writing
from warehouse.oltp.organization import Organization
from warehouse.oltp.veil import COVER
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.declare import NotFound
from warehouse.operations.describing import own_fields, shown_fields
from warehouse.operations.narrowing import Wanted, may_narrow, may_sort
from warehouse.operations.reading import (
    called,
    choices_of,
    count_records,
    get_record,
    history_of,
    list_records,
    names_of,
)
from warehouse.operations.records import FLOWS, MOVES, NOTES, RECORDS, is_history, room_of
from warehouse.operations.rooms import KEPT
from warehouse.tenancy import AccessRole, Actor, Forbidden, member


@contextmanager
def furnished(organization: Organization) -> Iterator[Company]:
    """A company of a moment, whose records stay."""
    with writing() as session:
        yield Company(session, organization.id)


def plain_member(organization: Organization) -> Actor:
    """A member without a business function: sees no personal and no restricted field."""
    return member(organization.id, "nobody", AccessRole.MEMBER, frozenset())


def ids(actor: Actor, table: str, wanted: Wanted | None = None) -> list[str]:
    with reading_as(actor) as session:
        return [row.record.id for row in list_records(session, actor, table, wanted).rows]


def test_every_kept_table_is_read_in_its_room() -> None:
    assert set(KEPT) < set(RECORDS)
    assert all(f"{room_of(table)}:read" == RECORDS[table].read_permission for table in RECORDS)


def test_every_move_has_a_flow_over_the_same_states() -> None:
    assert set(FLOWS) == set(MOVES)
    for table, flow in FLOWS.items():
        assert MOVES[table].input.model_fields["to"].annotation is type(next(iter(flow)))


def test_only_histories_are_noted() -> None:
    assert NOTES
    assert all(is_history(table) for table in NOTES)


@pytest.mark.parametrize("table", sorted(KEPT))
def test_every_kind_is_listed_opened_and_named(acme: Organization, ana: Actor, bob: Actor, table: str) -> None:
    with furnished(acme) as company:
        made = record(company, table)
    assert made.id in ids(ana, table)
    assert ids(bob, table) == []
    with reading_as(ana) as session:
        assert get_record(session, ana, table, made.id).record.version >= 1
        [name] = names_of(session, ana, table, [made.id]).values()
        assert name
        assert made.id in choices_of(session, ana, table) or "is_active" in KEPT[table].table.c
        assert count_records(session, ana, [table])[table] >= 1
    with reading_as(bob) as session:
        assert names_of(session, bob, table, [made.id]) == {}
        with pytest.raises(NotFound):
            get_record(session, bob, table, made.id)


def test_words_are_found_in_what_is_seen_and_nowhere_else(acme: Organization, ana: Actor) -> None:
    with furnished(acme) as company:
        ticket = KEPT["tickets"].create.input(subject="The lamp flickers", category="Lighting")
        made = KEPT["tickets"].create(company.session, company.operator, ticket)
    assert ids(ana, "tickets", Wanted(text="lamp")) == [made.id]
    assert ids(ana, "tickets", Wanted(text="la_p")) == []
    assert ids(ana, "tickets", Wanted(text=f"#{made.number}")) == [made.id]
    stranger = plain_member(acme)
    assert ids(stranger, "tickets", Wanted(text="lighting")) == [made.id]
    assert ids(stranger, "tickets", Wanted(text="lamp")) == []


def test_a_bill_is_found_by_its_customer_for_whoever_sees_the_name(acme: Organization, ana: Actor) -> None:
    with furnished(acme) as company:
        made = record(company, "invoices")
    assert ids(ana, "invoices", Wanted(text="pebb")) == [made.id]
    assert ids(plain_member(acme), "invoices", Wanted(text="pebb")) == []


def test_nobody_sorts_or_narrows_by_what_they_do_not_see(acme: Organization) -> None:
    stranger = plain_member(acme)
    with reading_as(stranger) as session:
        for wanted in (
            Wanted(sort="cost"),
            Wanted(sort="metadata"),
            Wanted(where={"name": ["x"]}),
            Wanted(where={"nothing": ["x"]}),
            Wanted(own={"tier": ["Gold"]}),
        ):
            with pytest.raises(Forbidden, match="do not see"):
                list_records(session, stranger, "products" if "tier" not in wanted.own else "customers", wanted)


@pytest.mark.parametrize("table", sorted(RECORDS))
def test_no_hidden_field_orders_or_narrows_a_list(acme: Organization, table: str) -> None:
    stranger = plain_member(acme)
    for one in shown_fields(table):
        if one.privacy != "business":
            assert not may_sort(stranger, one)
            assert not may_narrow(stranger, one)


def test_choices_do_not_tell_hidden_names_by_their_order(acme: Organization, ana: Actor) -> None:
    with furnished(acme) as company:
        made = [
            create_customer(company.session, company.operator, CreateCustomer(name=name)).id
            for name in ("Zinc", "Alder", "Moss")
        ]
    with reading_as(ana) as session:
        assert list(choices_of(session, ana, "customers").values()) == ["Alder", "Moss", "Zinc"]
        assert called(session, ana, "customers", "Moss") == made[2]
    stranger = plain_member(acme)
    with reading_as(stranger) as session:
        found = choices_of(session, stranger, "customers")
        assert list(found) == sorted(made)
        assert set(found.values()) == {COVER}
        assert called(session, stranger, "customers", "Moss") is None


def test_a_list_is_put_in_order_with_unknown_values_last(acme: Organization, ana: Actor) -> None:
    products = KEPT["products"]
    with furnished(acme) as company:
        for name, price in (("Kite", Decimal(7)), ("Desk", None), ("Lamp", Decimal(90))):
            asked = products.create.input(name=name, list_price=price)
            products.create(company.session, company.operator, asked)
    for wanted, names in (
        (Wanted(sort="list_price"), ["Kite", "Lamp", "Desk"]),
        (Wanted(sort="list_price", descending=True), ["Lamp", "Kite", "Desk"]),
        (Wanted(sort="name"), ["Desk", "Kite", "Lamp"]),
    ):
        with reading_as(ana) as session:
            assert [row.record.name for row in list_records(session, ana, "products", wanted).rows] == names


def test_amounts_of_parts_are_in_the_currency_of_the_whole(acme: Organization, ana: Actor) -> None:
    with furnished(acme) as company:
        customer = record(company, "customers")
        invoices, lines = KEPT["invoices"], KEPT["invoice_lines"]
        invoice = invoices.create(
            company.session, company.operator, invoices.create.input(customer_id=customer.id, currency="NOK")
        )
        lines.create(
            company.session, company.operator, lines.create.input(invoice_id=invoice.id, unit_price=Decimal(9))
        )
        record(company, "benchmarks")
    with reading_as(ana) as session:
        [line] = list_records(session, ana, "invoice_lines").rows
        [benchmark] = list_records(session, ana, "benchmarks").rows
    assert (line.currency, benchmark.currency) == ("NOK", None)


def test_deleted_records_are_listed_apart_and_can_be_opened(acme: Organization, ana: Actor) -> None:
    kept = KEPT["segments"]
    with furnished(acme) as company:
        made = record(company, "segments")
        kept.delete(company.session, company.operator, kept.delete.input(id=made.id, version=made.version))
    assert ids(ana, "segments") == []
    assert ids(ana, "segments", Wanted(deleted=True)) == [made.id]
    with reading_as(ana) as session:
        assert get_record(session, ana, "segments", made.id).record.deleted_at is not None


def test_own_fields_narrow_a_list_for_whoever_sees_them(acme: Organization, ana: Actor) -> None:
    defined = KEPT["custom_fields"].create
    with furnished(acme) as company:
        for values in (
            {"key": "tier", "label": "Tier", "kind": "choice", "privacy": "business", "choices": ["Gold", "Tin"]},
            {"key": "margin", "label": "Margin", "kind": "yes_no", "privacy": "restricted"},
        ):
            defined(company.session, company.operator, defined.input(entity="customers", **values))
        made = {
            tier: create_customer(
                company.session,
                company.operator,
                CreateCustomer(name=tier, custom_fields={"tier": tier, "margin": tier == "Gold"}),
            ).id
            for tier in ("Gold", "Tin")
        }
    assert ids(ana, "customers", Wanted(own={"tier": ["Gold"]})) == [made["Gold"]]
    assert ids(ana, "customers", Wanted(own={"margin": [False]})) == [made["Tin"]]
    viewer = member(acme.id, "viewer", AccessRole.VIEWER, frozenset())
    with reading_as(viewer) as session:
        assert [one.name for one in own_fields(session, viewer, "customers")] == ["tier"]
        with pytest.raises(Forbidden):
            list_records(session, viewer, "customers", Wanted(own={"margin": [True]}))


def test_a_history_is_read_latest_first(acme: Organization, ana: Actor) -> None:
    with furnished(acme) as company:
        ticket = record(company, "tickets")
        move = MOVES["tickets"]
        move(company.session, company.operator, move.input(id=ticket.id, version=ticket.version, to="resolved"))
    with reading_as(ana) as session:
        steps = history_of(session, ana, "ticket_status_changes", "ticket_id", ticket.id)
        assert [row.record.to_status.value for row in steps] == ["resolved", "open"]
        with pytest.raises(NotFound):
            history_of(session, ana, "tickets", "customer_id", ticket.id)


def test_what_is_not_for_people_is_not_found(ana: Actor) -> None:
    with reading_as(ana) as session:
        for table in ("audit_events", "users", "nothing"):
            with pytest.raises(NotFound):
                list_records(session, ana, table)


def test_nobody_reads_a_room_they_may_not_enter(acme: Organization) -> None:
    nobody = Actor(acme.id, "nobody", frozenset({"sales:read"}))
    with reading_as(nobody) as session:
        with pytest.raises(Forbidden, match="billing:read"):
            list_records(session, nobody, "invoices")
        assert names_of(session, nobody, "invoices", ["x"]) == {}
        assert set(count_records(session, nobody, ["invoices", "quotes"])) == {"quotes"}


def test_a_page_takes_one_count_and_one_query(acme: Organization, ana: Actor) -> None:
    with furnished(acme) as company:
        for _ in range(12):
            record(company, "tickets")
    with statements() as seen, reading_as(ana) as session:
        page = list_records(session, ana, "tickets", Wanted(text="a", where={"status": ["open"]}), limit=5)
    asked = [one for one in seen if one.lstrip().lower().startswith("select")]
    assert (page.total, len(page.rows), len(asked)) == (12, 5, 2)


def test_names_take_one_query_for_each_kind(acme: Organization, ana: Actor) -> None:
    with furnished(acme) as company:
        made = [record(company, "subscriptions").id for _ in range(6)]
    with statements() as seen, reading_as(ana) as session:
        names = names_of(session, ana, "subscriptions", made)
    assert set(names) == set(made)
    assert len([one for one in seen if one.lstrip().lower().startswith("select")]) == 1
