from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime

from streamlit.testing.v1 import AppTest

from apps.children import clock_lock
from apps.ui import formats
from apps.ui.answers import ask
from tests.apps.ui.conftest import BOB, OLIVE, SAM, VERA, Screens, labels, metrics, money, texts
from tests.houses import today
from warehouse.extracts.builds import latest_build
from warehouse.metrics.periods import last_complete, shifted
from warehouse.metrics.question import Question
from warehouse.oltp.engine import writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.operations.identity import SignedIn
from warehouse.operations.organization import record_checks
from warehouse.operations.sales import EditOpportunity, edit_opportunity

WON = """
    select sum(amount) from opportunities
    where organization_id = ? and stage = 'closed_won' and deleted_at is null and closed_on >= ? and closed_on < ?
"""
CUSTOMERS = "select count(*) from customers where organization_id = ? and status = 'customer' and deleted_at is null"


def won(screens: Screens, slug: str, start: date, end: date) -> str:
    scaled = screens.store(WON, screens.organization(slug), start.isoformat(), end.isoformat())
    return formats.money(money(scaled or 0))


def test_the_last_complete_month_is_what_the_store_holds(screens: Screens) -> None:
    month = last_complete(today(), "month")
    shown = metrics(screens.open("home", OLIVE))
    assert shown["Won"] == won(screens, "demo", month.start, month.end)
    assert shown["Customers"] == f"{screens.store(CUSTOMERS, screens.organization('demo')):,}"


def test_the_address_chooses_quarter_and_period(screens: Screens) -> None:
    quarter = shifted(last_complete(today(), "quarter"), -1)
    screen = screens.open("home", OLIVE, show="Quarter", quarter=quarter.label)
    assert metrics(screen)["Won"] == won(screens, "demo", quarter.start, quarter.end)


def test_the_address_filters(screens: Screens) -> None:
    month = last_complete(today(), "month")
    scaled = screens.store(
        WON.replace("where", "where sales_rep_id in (select id from memberships where regional_office = 'North') and"),
        screens.organization("demo"),
        month.start.isoformat(),
        month.end.isoformat(),
    )
    assert metrics(screens.open("home", OLIVE, only_regional_office="North"))["Won"] == formats.money(money(scaled))


def test_a_company_whose_data_ended_opens_where_it_ended(screens: Screens) -> None:
    screen = screens.open("home", BOB, "globex")
    assert "Data ends 20 Jun 2017; showing Q1 2017." in texts(screen)
    assert metrics(screen)["Won"] == won(screens, "globex", date(2017, 1, 1), date(2017, 4, 1)) == "$5.15k"


def test_what_nobody_knows_is_said(screens: Screens) -> None:
    screen = screens.open("home", BOB, "globex")
    assert metrics(screen)["Open pipeline"] == "—"
    assert "0 of 2 open deals carry a value" in texts(screen)


def test_the_checks_are_counted(screens: Screens) -> None:
    assert "checks pass" in texts(screens.open("home", VERA))


def test_a_receipt_opens(screens: Screens) -> None:
    month = last_complete(today(), "month")
    screen = screens.open("home", VERA)
    screen.button(key="receipt_won_value").click().run()
    assert not screen.exception
    scaled = screens.store(WON, screens.organization("demo"), month.start.isoformat(), month.end.isoformat())
    assert formats.money_in_full(money(scaled)) in [metric.value for metric in screen.metric]
    assert month.label in texts(screen)


def test_the_value_compared_with_has_a_receipt_too(screens: Screens) -> None:
    screen = screens.open("home", VERA)
    screen.button(key="receipt_open_pipeline_value").click().run()
    compared = next(caption.value for caption in screen.caption if caption.value.startswith("Compared with"))
    kept = compared.rsplit("`", 2)[1]
    assert screens.store("select count(*) from receipts where id = ?", kept) == 1


def test_a_receipt_verifies(screens: Screens) -> None:
    """A test draws a dialog only in the run that opened it, so a script opens it in every run."""
    who = screens.signed_in(VERA, "demo")
    assert who.actor is not None
    shown = ask(who.actor, Question(metrics=("won_value",), as_of=today()))
    screen = AppTest.from_function(receipt_screen, args=(who, shown.receipt), default_timeout=300).run()
    screen.button(key="verify_now").click().run()
    assert not screen.exception
    assert [success.value for success in screen.success] == [
        "Verified: same value, same rows, same definition, nothing altered."
    ]


def receipt_screen(who: "SignedIn", receipt: str) -> None:
    from apps.ui.parts.receipt import open_receipt

    open_receipt(who, receipt, "won_value")


def test_only_those_who_may_refresh_are_offered_it(working_screens: Screens) -> None:
    with writing() as session:
        actor = working_screens.signed_in(OLIVE, "demo").actor
        assert actor is not None
        edit_opportunity(session, actor, EditOpportunity(id=working_screens.a_deal(), version=1, name="Renamed"))
    for email, offered in ((OLIVE, True), (SAM, False), (VERA, False)):
        screen = working_screens.open("home", email)
        assert "1 change not in yet" in texts(screen)
        assert ("Refresh" in labels(screen)) is offered


def ask_for_a_refresh(screens: Screens, *, clock: bool) -> AppTest:
    """Change a deal, open the home screen and press its button."""
    with writing() as session:
        actor = screens.signed_in(OLIVE, "demo").actor
        assert actor is not None
        edit_opportunity(session, actor, EditOpportunity(id=screens.a_deal(), version=1, name="Renamed"))
    with clock_lock() if clock else nullcontext():
        for _ in range(2):
            screen = screens.open("home", OLIVE)
            next(button for button in screen.button if button.label == "Refresh").click().run()
    asked = "select count(*) from job_requests where job = 'refresh' and status = 'requested'"
    assert screens.store(asked) == 1, "asked twice, filed once"
    return screen


def test_a_refresh_asked_for_is_filed_once(working_screens: Screens) -> None:
    assert "Refresh asked for" in texts(ask_for_a_refresh(working_screens, clock=True))


def test_a_refresh_that_no_clock_will_do_says_what_to_run(working_screens: Screens) -> None:
    screen = ask_for_a_refresh(working_screens, clock=False)
    assert "longhouse refresh" in " ".join(toast.value for toast in screen.toast)
    assert "Refresh asked for" not in texts(screen)


def test_an_empty_organization_is_welcomed(working_screens: Screens) -> None:
    working_screens.found_empty()
    screen = working_screens.open("home", OLIVE, "empty")
    assert "There are no deals yet" in texts(screen)
    assert "Add the first deal" in labels(screen)
    assert not screen.metric


def test_numbers_that_checks_hold_back_say_since_when_and_why(working_screens: Screens) -> None:
    last, check = latest_build(), "assert_a_deal_closes_after_it_opens"
    actor = working_screens.signed_in(OLIVE, "demo").actor
    assert last is not None
    assert actor is not None
    newer = replace(last, build_id=uuid7(), held={actor.organization_id: [check]})
    newer.save()
    found = CheckResult(
        organization_id=actor.organization_id,
        build_id=newer.build_id,
        source="dbt",
        check_name=check,
        severity=Severity.HOLD,
        passed=False,
        rows_failing=1,
        checked_at=datetime.now(UTC),
    )
    with writing() as session:
        record_checks(session, [found])
    held, other = working_screens.open("home", OLIVE), working_screens.open("home", BOB, "globex")
    assert "held back" in texts(held)
    assert "a deal closes after it opens" in texts(held)
    assert "held back" not in texts(other)
