import pytest

from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, labels, texts

DEALS = "select count(*) from opportunities where organization_id = ? and deleted_at is null"


def test_the_list_counts_what_the_store_holds(screens: Screens) -> None:
    screen = screens.open("sales_deals", VERA)
    assert f"{screens.store(DEALS, screens.organization('demo')):,} deals, 1 to 50 shown" in texts(screen)
    assert len(screen.dataframe[0].value) == 50


def test_the_address_filters(screens: Screens) -> None:
    screen = screens.open("sales_deals", VERA, stage=["Closed won", "Proposal"], sales_rep="Tilda Tenon")
    sql = DEALS + (
        " and stage in ('closed_won', 'proposal') and sales_rep_id = (select id from memberships where name = 'Tilda Tenon')"
    )
    assert f"{screens.store(sql, screens.organization('demo')):,} deals" in texts(screen)


def test_a_search_finds_by_customer_and_none_is_said(screens: Screens) -> None:
    screen = screens.open("sales_deals", VERA)
    customer = screen.dataframe[0].value["Customer"][0]
    screen.text_input(key="q").set_value(customer).run()
    assert customer in set(screen.dataframe[0].value["Customer"])
    screen.text_input(key="q").set_value("100% nobody_").run()
    assert "No deal matches." in texts(screen)


def test_a_page_further_on(screens: Screens) -> None:
    screen = screens.open("sales_deals", VERA)
    screen.pagination[0].set_value(2).run()
    assert "51 to 100 shown" in texts(screen)


def test_a_viewer_cannot_add(screens: Screens) -> None:
    assert "New deal" not in labels(screens.open("sales_deals", VERA))
    assert "New deal" in labels(screens.open("sales_deals", SAM))


def test_a_new_deal_is_added(working_screens: Screens) -> None:
    screen = working_screens.open("sales_deals", SAM)
    next(button for button in screen.button if button.label == "New deal").click().run()
    screen.text_input(key="new_deal_name").set_value("A bench for the hall")
    screen.text_input(key="new_deal_amount").set_value("12,500.50")
    screen.button(key="new_deal_asked").click().run()
    assert not screen.exception
    assert working_screens.store("select amount from opportunities where name = 'A bench for the hall'") == 125_005_000
    assert "A bench for the hall" in texts(screen)


@pytest.mark.parametrize("typed", ["12,5x", "-1", "1e30", "1.23456"])
def test_a_bad_amount_is_told_and_nothing_is_lost(working_screens: Screens, typed: str) -> None:
    screen = working_screens.open("sales_deals", SAM)
    next(button for button in screen.button if button.label == "New deal").click().run()
    screen.text_input(key="new_deal_name").set_value("A bench for the hall")
    screen.text_input(key="new_deal_amount").set_value(typed)
    screen.button(key="new_deal_asked").click().run()
    assert ":red[:material/error:" in texts(screen)
    assert screen.text_input(key="new_deal_amount").value == typed
    assert screen.text_input(key="new_deal_name").value == "A bench for the hall"
    assert working_screens.store("select count(*) from opportunities where name = 'A bench for the hall'") == 0


def test_an_empty_organization_is_welcomed(working_screens: Screens) -> None:
    working_screens.found_empty()
    screen = working_screens.open("sales_deals", OLIVE, "empty")
    assert "Add the first one" in texts(screen)
