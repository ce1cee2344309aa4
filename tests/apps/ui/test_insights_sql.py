"""SQL on the screen: the guard and the door of the command, marked as no governed number, and audited."""

import json

from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, texts
from warehouse.operations.questions import RIGHT
from warehouse.tenancy import law

PAGE = "insights_sql"


def test_a_question_is_answered_marked_and_audited_without_its_text(working_screens: Screens) -> None:
    screen = working_screens.open(PAGE, OLIVE)
    asked = "select 'Oakbeam' as who, count(*) as deals, 1 as deals from fct_opportunities"
    screen.text_area[0].set_value(asked)
    screen.button[0].click().run()
    assert not screen.exception
    assert "not a governed metric" in texts(screen).lower()
    answer = screen.dataframe[0].value
    assert list(answer.columns) == ["who", "deals", "deals (2)"]
    assert list(answer["who"]) == ["Oakbeam"]
    assert "1 question of this session" in [one.label for one in screen.expander]
    operation, details = (
        working_screens.store(f"select {column} from audit_events where operation = 'data.asked_in_sql'")
        for column in ("operation", "details")
    )
    assert operation
    assert "Oakbeam" not in details
    assert json.loads(details)["outcome"] == "answered"
    screen.text_area[0].set_value("delete from fct_opportunities")
    screen.button[0].click().run()
    assert screen.error[0].value
    assert "deals (2)" not in [name for one in screen.dataframe for name in one.value.columns], "no old answer stays"
    again = next(one for one in screen.button if one.label == "Use again" and one.key == "again_1")
    again.click().run()
    assert screen.text_area[0].value == asked


def test_no_more_rows_than_a_screen_holds(working_screens: Screens) -> None:
    screen = working_screens.open(PAGE, OLIVE)
    screen.text_area[0].set_value("select a.date_day from dim_dates as a")
    screen.button[0].click().run()
    assert len(screen.dataframe[0].value) == 1000
    assert "the first of more" in texts(screen)


def test_only_whoever_has_the_right_may_ask(screens: Screens) -> None:
    for who in (VERA, SAM):
        screen = screens.open(PAGE, who)
        assert "SQL" not in [one.value for one in screen.title], "it is not in their menu, and leads home"
        assert not screen.text_area
    assert RIGHT in law().rights
