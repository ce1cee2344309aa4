"""Lists of any kind of record: everybody finds what they may see, and nothing else."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, labels, texts
from tests.statements import statements

MABEL = "mabel@demo.example"


def rows(screen: AppTest, place: int = 0) -> list[dict[str, str]]:
    """The lines of a table on the screen."""
    found: list[dict[str, str]] = screen.dataframe[place].value.to_dict("records")
    return found


def test_a_list_is_searched_and_narrowed(furnished: Screens) -> None:
    for subject, priority in (("The zeppelin flickers", "high"), ("The zeppelin wobbles", "low")):
        furnished.do("support.create_ticket", subject=subject, priority=priority)
    screen = furnished.open("records", OLIVE, of="tickets", tickets_q="zeppelin flick")
    assert [one["Ticket"].split(" · ")[1] for one in rows(screen)] == ["The zeppelin flickers"]
    screen = furnished.open("records", OLIVE, of="tickets", tickets_priority=["Low"], tickets_q="zeppelin")
    assert [one["Priority"] for one in rows(screen)] == ["Low"]


def test_a_list_that_matches_nothing_says_so_and_leads_back(furnished: Screens) -> None:
    screen = furnished.open("records", OLIVE, of="tickets", tickets_q="no such words")
    assert "No ticket matches." in texts(screen)
    next(one for one in screen.button if one.label == "Show all tickets").click().run()
    assert rows(screen)


def test_an_empty_list_says_what_it_is_for_and_what_to_do(furnished: Screens) -> None:
    furnished.found_empty()
    screen = furnished.open("records", OLIVE, "empty", of="invoices")
    assert "Add the first one with “New invoice”" in texts(screen)
    assert not screen.dataframe


def test_a_list_is_read_by_pages_and_in_an_order(furnished: Screens) -> None:
    screen = furnished.open("records", OLIVE, of="activities")
    assert len(rows(screen)) == 50
    screen = furnished.open("records", OLIVE, of="products", products_order="List price, highest first")
    prices = [one["List price"] for one in rows(screen)]
    known = [float(one.replace(",", "").lstrip("$")) for one in prices if one != "—"]
    assert known == sorted(known, reverse=True)
    assert len(known) > 3


def test_references_are_told_by_name(furnished: Screens) -> None:
    [line] = [one for one in rows(furnished.open("records", OLIVE, of="payments")) if one["Amount"] == "$50.00"]
    assert line["Invoice"].startswith("I-")


def test_another_column_can_be_shown(furnished: Screens) -> None:
    assert "Acquisition source" not in rows(furnished.open("records", OLIVE, of="customers"))[0]
    screen = furnished.open("records", OLIVE, of="customers", customers_columns=["Acquisition source"])
    assert "Acquisition source" in rows(screen)[0]


def test_a_field_of_ones_own_is_in_form_list_filter_and_record(furnished: Screens) -> None:
    furnished.do(
        "organization.create_custom_field",
        entity="customers",
        key="tier",
        label="Loyalty",
        kind="choice",
        privacy="business",
        choices=["Gold", "Tin"],
    )
    made = furnished.do("customers.create_customer", name="Kite & Co", custom_fields={"tier": "Gold"})
    screen = furnished.open("records", OLIVE, of="customers", customers_tier=["Gold"], customers_columns=["Loyalty"])
    assert [(one["Customer"], one["Loyalty"]) for one in rows(screen)] == [("Kite & Co", "Gold")]
    record = furnished.open("record", OLIVE, of="customers", id=made.id)
    next(one for one in record.selectbox if one.label == "Loyalty").set_value("Tin")
    record.button(key="save_record").click().run()
    assert '"tier": "Tin"' in furnished.store("select custom_fields from customers where id = ?", made.id)
    assert "Tin" in texts(furnished.open("record", VERA, of="customers", id=made.id))


def test_restricted_values_are_covered(furnished: Screens) -> None:
    product = furnished.do("sales.create_product", name="Costly", cost="77.7")
    assert "77.7" not in texts(furnished.open("record", VERA, of="products", id=product.id)).replace("\\", "")
    assert "•••" in texts(furnished.open("record", VERA, of="products", id=product.id))
    owner = furnished.open("record", OLIVE, of="products", id=product.id)
    assert "77.70" in [one.value for one in owner.text_input]


@pytest.mark.parametrize("table", ["nothing", "users", "opportunities", "revenue_schedule_entries", ""])
def test_a_list_there_is_not_is_told(furnished: Screens, table: str) -> None:
    screen = furnished.open("records", OLIVE, of=table)
    assert screen.title[0].value == "Not found"


def test_the_set_up_of_a_room_leads_to_its_lists(furnished: Screens) -> None:
    screen = furnished.open("set_up", SAM)
    assert {"**Price books**", "**Territories**", "**Quotas**", "**Assignment rules**"} == {
        link.label for link in screen.page_link
    }


def test_own_fields_are_set_by_admins_alone(furnished: Screens) -> None:
    assert not [one for one in labels(furnished.open("records", MABEL, of="custom_fields")) if one.startswith("New")]
    assert "New own field" in labels(furnished.open("records", OLIVE, of="custom_fields"))


def test_a_longer_list_takes_no_more_statements(furnished: Screens) -> None:
    asked = []
    for first, last in ((0, 1), (1, 20)):
        for number in range(first, last):
            customer = furnished.do("customers.create_customer", name=f"Customer {number}")
            furnished.do("support.create_ticket", subject=f"Lamp {number}", customer_id=customer.id)
        asked.append(asked_of(furnished, "tickets"))
    assert asked[0] == asked[1]


def asked_of(furnished: Screens, table: str) -> int:
    """How many questions a list asks the store."""
    screen = furnished.open("records", OLIVE, of=table)
    # What holds for a few seconds is asked anew by every list: else it depends on the machine which one asks it.
    st.cache_data.clear()
    with statements() as seen:
        screen.run()
    return len([one for one in seen if one.lstrip().lower().startswith("select")])
