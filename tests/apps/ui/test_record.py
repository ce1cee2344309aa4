"""Records of any kind: read, changed, moved, deleted, brought back, and never overwritten unseen."""

from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, labels, texts
from warehouse.tenancy import Actor


def field(screen: AppTest, label: str) -> str:
    """The key of a field of the form, which names the record and the round."""
    kinds = (screen.text_input, screen.text_area, screen.selectbox, screen.date_input, screen.checkbox)
    return next(str(one.key) for kind in kinds for one in kind if one.label.rstrip(" *") == label)


def type_into(screen: AppTest, label: str, value: object) -> None:
    screen.get_by_key(field(screen, label)).set_value(value)


def save(screen: AppTest) -> AppTest:
    screen.button(key="save_record").click().run()
    assert not screen.exception
    return screen


def a_bill(furnished: Screens, **values: object) -> str:
    customer = furnished.do("customers.create_customer", name="Kite & Co")
    return str(furnished.do("billing.create_invoice", customer_id=customer.id, **values).id)


def test_a_change_is_saved(furnished: Screens) -> None:
    bill = a_bill(furnished)
    screen = furnished.open("record", OLIVE, of="invoices", id=bill)
    type_into(screen, "Payment terms, days", "45")
    save(screen)
    assert "Saved; dashboards follow with the next refresh" in [toast.value for toast in screen.toast]
    assert furnished.store("select payment_terms_days from invoices where id = ?", bill) == 45


def test_what_cannot_be_saved_is_told_at_its_field_and_all_that_was_typed_stays(furnished: Screens) -> None:
    bill = a_bill(furnished)
    screen = furnished.open("record", OLIVE, of="invoices", id=bill)
    type_into(screen, "Payment terms, days", "5000")
    type_into(screen, "Dunning level", "two")
    type_into(screen, "Number", "Our own 7")
    save(screen)
    told = texts(screen).replace("\\", "")
    assert "Not more than 3650." in told
    assert "“two” is not a number" in told
    assert [screen.get_by_key(field(screen, one)).value for one in ("Dunning level", "Number")] == ["two", "Our own 7"]
    assert furnished.store("select version from invoices where id = ?", bill) == 1


def test_bad_data_is_told_in_a_sentence(furnished: Screens) -> None:
    segment = furnished.do("marketing.create_segment", name="North").id
    screen = furnished.open("record", OLIVE, of="segments", id=segment)
    for typed, sentence in (('{"a": ', "This is not JSON in line 1"), ("[1]", "This has to be an object")):
        type_into(screen, "Rules", typed)
        save(screen)
        assert sentence in texts(screen).replace("\\", "")
        assert screen.get_by_key(field(screen, "Rules")).value == typed
    type_into(screen, "Rules", '{"country": ["Norway"]}')
    save(screen)
    assert furnished.store("select rules from segments where id = ?", segment) == '{"country": ["Norway"]}'


def test_two_people_at_once_lose_nothing(furnished: Screens) -> None:
    ticket = furnished.do("support.create_ticket", subject="The lamp flickers", category="Light")
    screen = furnished.open("record", OLIVE, of="tickets", id=ticket.id)
    furnished.do("support.edit_ticket", id=ticket.id, version=1, subject="The lamp is dark", priority="critical")
    type_into(screen, "Subject", "A lamp flickers")
    type_into(screen, "Category", "Lighting")
    save(screen)
    told = texts(screen).replace("\\", "")
    assert "Only you changed, and it stays:] Category: Lighting" in told
    assert "Only they changed, and it stays:] Priority: Critical" in told
    [choice] = [one for one in screen.radio if "Subject" in one.label]
    assert [one.replace("\\", "") for one in choice.options] == [
        "Yours: A lamp flickers",
        "Now in the store: The lamp is dark",
    ]
    screen.button(key="conflict_save").click().run()
    row = furnished.store("select subject || '/' || category || '/' || priority from tickets where id = ?", ticket.id)
    assert row == "A lamp flickers/Lighting/critical"


def test_a_move_over_somebody_elses_change_is_asked_first(furnished: Screens) -> None:
    ticket = furnished.do("support.create_ticket", subject="The lamp flickers")
    screen = furnished.open("record", OLIVE, of="tickets", id=ticket.id)
    screen.pills[0].set_value(next(one for one in screen.pills[0].options if "Resolved" in str(one))).run()
    furnished.do("support.edit_ticket", id=ticket.id, version=1, category="Light")
    screen.button(key="move_record").click().run()
    told = texts(screen).replace("\\", "")
    assert "Only you changed, and it stays:] Status: Resolved" in told
    assert furnished.store("select status from tickets where id = ?", ticket.id) == "open"
    screen.button(key="conflict_save").click().run()
    row = furnished.store("select status || '/' || category from tickets where id = ?", ticket.id)
    assert row == "resolved/Light"


def test_only_states_that_may_follow_are_offered(furnished: Screens) -> None:
    bill = a_bill(furnished)
    screen = furnished.open("record", OLIVE, of="invoices", id=bill)
    assert [str(one) for one in screen.pills[0].options] == ["Open", "Void"]


def test_a_move_that_is_refused_says_why(furnished: Screens) -> None:
    bill = a_bill(furnished)
    screen = furnished.open("record", OLIVE, of="invoices", id=bill)
    screen.pills[0].set_value(screen.pills[0].options[0]).run()
    screen.button(key="move_record").click().run()
    assert "A bill without a line asks for nothing" in texts(screen)
    assert furnished.store("select status from invoices where id = ?", bill) == "draft"


def test_a_deleted_record_can_come_back(furnished: Screens) -> None:
    segment = furnished.do("marketing.create_segment", name="North").id
    screen = furnished.open("record", OLIVE, of="segments", id=segment)
    screen.button(key="delete_record").click().run()
    assert "This segment was deleted" in texts(screen)
    listed = furnished.open("records", OLIVE, of="segments", segments_show="Deleted")
    assert "North" in list(listed.dataframe[0].value["Segment"])
    viewer = furnished.open("record", VERA, of="segments", id=segment)
    assert "Restore this segment" not in labels(viewer)
    screen.button(key="restore_record").click().run()
    assert furnished.store("select deleted_at from segments where id = ?", segment) is None


def test_a_new_record_is_made_from_its_list(furnished: Screens) -> None:
    screen = furnished.open("records", OLIVE, of="segments", new="segments")
    screen.button(key="new_segments_asked").click().run()
    assert "Name is needed." in texts(screen).replace("\\", "")
    screen.text_input(key="new_segments_name").set_value("South")
    screen.button(key="new_segments_asked").click().run()
    assert not screen.exception
    assert furnished.store("select count(*) from segments where name = 'South'") == 1


def test_a_part_is_made_from_its_record(furnished: Screens) -> None:
    bill = a_bill(furnished, currency="EUR")
    screen = furnished.open("record", OLIVE, of="invoices", id=bill, new="invoice_lines")
    assert "Invoice" not in [one.label for one in screen.selectbox]
    screen.text_input(key="new_invoice_lines_unit_price").set_value("1,200.50")
    screen.button(key="new_invoice_lines_asked").click().run()
    assert not screen.exception
    assert furnished.store("select total from invoices where id = ?", bill) == int(Decimal("1200.50") * 10_000)
    again = furnished.open("record", OLIVE, of="invoices", id=bill)
    assert "€1,200.50" in texts(again).replace("\\", "")


def test_an_event_is_noted_from_its_record(furnished: Screens) -> None:
    ticket = furnished.do("support.create_ticket", subject="The lamp flickers")
    screen = furnished.open(
        "record", OLIVE, of="tickets", id=ticket.id, parts_tickets="Satisfaction", new="satisfaction_responses"
    )
    screen.text_input(key="new_satisfaction_responses_score").set_value("4")
    screen.button(key="new_satisfaction_responses_asked").click().run()
    assert not screen.exception
    assert furnished.store("select customer_satisfaction from tickets where id = ?", ticket.id) == 4


def test_somebody_elses_quote_is_read_only_for_a_salesperson(furnished: Screens) -> None:
    customer = furnished.do("customers.create_customer", name="Kite & Co")
    olive = furnished.signed_in(OLIVE, "demo").actor
    assert isinstance(olive, Actor)
    theirs = furnished.do("sales.create_quote", customer_id=customer.id, sales_rep_id=olive.membership_id)
    screen = furnished.open("record", SAM, of="quotes", id=theirs.id)
    assert "Save" not in labels(screen)
    assert "somebody else's" in texts(screen)
    assert "New quote line" not in labels(screen)


@pytest.mark.parametrize("asked", ["nope", "", "00000000-0000-7000-8000-000000000000"])
def test_a_record_there_is_not_is_told(furnished: Screens, asked: str) -> None:
    screen = furnished.open("record", OLIVE, of="invoices", id=asked)
    assert screen.title[0].value == "Not found"
    assert "All invoices" in [link.label for link in screen.page_link]


def test_another_organizations_record_is_not_found(furnished: Screens) -> None:
    bill = a_bill(furnished)
    furnished.found_empty()
    screen = furnished.open("record", OLIVE, "empty", of="invoices", id=bill)
    assert screen.title[0].value == "Not found"


@pytest.mark.parametrize("table", ["nothing", "users", "", "revenue_schedule_entries"])
def test_a_kind_there_is_not_is_told(furnished: Screens, table: str) -> None:
    screen = furnished.open("record", OLIVE, of=table, id="x")
    assert screen.title[0].value == "Not found"
