from datetime import date

from streamlit.testing.v1 import AppTest

from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, labels, texts
from warehouse.oltp.engine import writing
from warehouse.oltp.sales import Stage
from warehouse.operations.sales import EditOpportunity, OneOpportunity, delete_opportunity, edit_opportunity


def field(screen: AppTest, label: str) -> str:
    """The key of a field of the form, which names the record and the round."""
    return next(str(one.key) for one in screen.text_input if one.label == label)


def save(screen: AppTest) -> AppTest:
    return screen.button(key="save_deal").click().run()


def elsewhere(screens: Screens, deal: str, **values: object) -> None:
    """Olive saves the deal in the meantime."""
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    version = screens.store("select version from opportunities where id = ?", deal)
    with writing() as session:
        edit_opportunity(session, actor, EditOpportunity(id=deal, version=version, **values))


def test_a_record_shows_what_the_store_holds(screens: Screens) -> None:
    deal = screens.a_deal()
    name, amount = (screens.store(f"select {c} from opportunities where id = ?", deal) for c in ("name", "amount"))
    screen = screens.open("sales_deal", VERA, id=deal)
    assert screen.title[0].value.replace("\\", "") == name
    assert f"{amount / 10_000:,.2f}" in texts(screen).replace("\\", "")


def test_a_viewer_sees_no_way_to_change_it(screens: Screens) -> None:
    screen = screens.open("sales_deal", VERA, id=screens.a_deal())
    assert not screen.text_input
    assert not screen.radio
    assert {"Save", "Move", "Delete this deal"}.isdisjoint(labels(screen))


def test_a_change_is_saved(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    screen = working_screens.open("sales_deal", SAM, id=deal)
    screen.text_input(key=field(screen, "Amount, USD")).set_value("1,234.5678")
    save(screen)
    assert not screen.exception
    assert "Saved; dashboards follow with the next refresh" in [toast.value for toast in screen.toast]
    assert working_screens.store("select amount from opportunities where id = ?", deal) == 12_345_678


def test_a_bad_amount_is_told_at_the_field_and_stays(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    screen = working_screens.open("sales_deal", SAM, id=deal)
    screen.text_input(key=field(screen, "Amount, USD")).set_value("12,5x")
    screen.text_input(key=field(screen, "Name")).set_value("Another name")
    save(screen)
    assert "not an amount" in texts(screen)
    assert screen.text_input(key=field(screen, "Amount, USD")).value == "12,5x"
    assert screen.text_input(key=field(screen, "Name")).value == "Another name"
    assert working_screens.store("select version from opportunities where id = ?", deal) == 1


def test_two_people_at_once_lose_nothing(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    screen = working_screens.open("sales_deal", SAM, id=deal)
    elsewhere(working_screens, deal, amount="9000", name="Renamed by Olive")
    screen.text_input(key=field(screen, "Amount, USD")).set_value("15000")
    save(screen)
    assert not screen.exception
    told = texts(screen).replace("\\", "")
    assert "Olive Oakbeam" in told
    assert "Renamed by Olive" in told
    choice = next(radio for radio in screen.radio if "Amount" in radio.label)
    assert [option.replace("\\", "") for option in choice.options] == [
        "Yours: $15,000.00",
        "Now in the store: $9,000.00",
    ]
    screen.button(key="conflict_save").click().run()
    row = working_screens.store("select name || ' ' || amount from opportunities where id = ?", deal)
    assert row == "Renamed by Olive 150000000"


def test_the_other_version_can_be_taken(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    screen = working_screens.open("sales_deal", SAM, id=deal)
    elsewhere(working_screens, deal, amount="9000")
    screen.text_input(key=field(screen, "Amount, USD")).set_value("15000")
    save(screen)
    screen.button(key="conflict_take").click().run()
    assert screen.text_input(key=field(screen, "Amount, USD")).value == "9,000"
    assert working_screens.store("select amount from opportunities where id = ?", deal) == 90_000_000


def test_typing_can_go_on_after_a_conflict(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    screen = working_screens.open("sales_deal", SAM, id=deal)
    elsewhere(working_screens, deal, amount="9000")
    screen.text_input(key=field(screen, "Amount, USD")).set_value("15000")
    save(screen)
    screen.button(key="conflict_keep").click().run()
    assert screen.text_input(key=field(screen, "Amount, USD")).value == "15000"
    save(screen)
    assert any("Amount" in radio.label for radio in screen.radio)


def test_a_deal_climbs_and_stays_closed(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    screen = working_screens.open("sales_deal", SAM, id=deal)
    screen.radio[0].set_value(Stage.CLOSED_WON).run()
    screen.date_input[-1].set_value(date(2026, 11, 19)) if len(screen.date_input) > 1 else None
    screen.button(key="move_deal").click().run()
    assert not screen.exception
    assert working_screens.store("select stage from opportunities where id = ?", deal) == "closed_won"
    assert "Nothing moves after that" in texts(screen)


def test_a_deleted_deal_can_come_back(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    screen = working_screens.open("sales_deal", SAM, id=deal)
    screen.button(key="delete_deal").click().run()
    assert "This deal was deleted" in texts(screen)
    screen.button(key="restore_deal").click().run()
    assert working_screens.store("select deleted_at from opportunities where id = ?", deal) is None


def test_a_viewer_cannot_restore(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    actor = working_screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    with writing() as session:
        delete_opportunity(session, actor, OneOpportunity(id=deal, version=1))
    screen = working_screens.open("sales_deal", VERA, id=deal)
    assert "This deal was deleted" in texts(screen)
    assert "Restore this deal" not in labels(screen)


def test_another_organizations_deal_is_not_found(screens: Screens) -> None:
    for unknown in (screens.a_deal("globex", "qualified"), "nope", ""):
        screen = screens.open("sales_deal", OLIVE, id=unknown)
        assert screen.title[0].value == "Not found"
        assert "All deals" in [link.label for link in screen.page_link]
