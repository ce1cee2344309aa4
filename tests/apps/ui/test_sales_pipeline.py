from tests.apps.ui.conftest import BOB, OLIVE, VERA, Screens, labels, metrics, texts

OPEN = """
    select count(*) from opportunities
    where organization_id = ? and stage not in ('closed_won', 'closed_lost') and deleted_at is null
"""


def test_open_deals_are_what_the_store_holds(screens: Screens) -> None:
    shown = metrics(screens.open("sales_pipeline", VERA))
    assert shown["Open deals"] == f"{screens.store(OPEN, screens.organization('demo')):,}"


def test_the_address_filters_by_stage_and_sales_rep(screens: Screens) -> None:
    name = "Tilda Tenon"
    sql = OPEN + " and stage = 'proposal' and sales_rep_id = (select id from memberships where name = ?)"
    shown = metrics(screens.open("sales_pipeline", VERA, at="Proposal", rep=name))
    assert shown["Open deals"] == f"{screens.store(sql, screens.organization('demo'), name):,}"


def test_every_figure_has_its_receipt(screens: Screens) -> None:
    screen = screens.open("sales_pipeline", VERA)
    assert labels(screen).count("Receipt") == 5
    for key in ("receipt_stages", "receipt_reps", "receipt_flows"):
        opened = screens.open("sales_pipeline", VERA)
        opened.button(key=key).click().run()
        assert not opened.exception
        assert "What was asked" in texts(opened)


def test_values_nobody_knows_are_not_drawn_as_zero(screens: Screens) -> None:
    screen = screens.open("sales_pipeline", BOB, "globex")
    assert "Unknown: no open deal carries a value." in texts(screen)


def test_a_viewer_is_offered_no_refresh_and_no_new_deal(screens: Screens) -> None:
    assert {"Refresh", "New deal", "Add the first deal"}.isdisjoint(labels(screens.open("sales_pipeline", VERA)))


def test_an_empty_organization_is_welcomed(working_screens: Screens) -> None:
    working_screens.found_empty()
    screen = working_screens.open("sales_pipeline", OLIVE, "empty")
    assert "There are no deals yet" in texts(screen)
