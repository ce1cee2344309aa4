"""The organization's screens: what each may see and change, and what a person's own choices do."""

from dataclasses import replace

import pytest

from apps.ui import formats
from apps.ui.session import DRAWN_FOR
from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, labels, metrics, texts
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.members import Team
from warehouse.oltp.organization import User
from warehouse.operations.preferences import Preferences, save_preferences


def _choose(email: str, **chosen: object) -> None:
    with writing() as session:
        user = session.query(User).filter(User.email == email).one()
        save_preferences(session, user.id, Preferences.model_validate(chosen))


def test_everyone_sees_the_members_and_only_some_invite(screens: Screens) -> None:
    as_owner = screens.open("organization_members", OLIVE)
    assert "16 members, 4 active" in texts(as_owner)
    assert "Invite" in labels(as_owner)
    assert "Invite" not in labels(screens.open("organization_members", SAM))


def test_a_member_is_opened_and_changed(working_screens: Screens) -> None:
    sam = working_screens.store("select id from memberships where name = 'Sam Sampleton'")
    screen = working_screens.open("organization_members", OLIVE, member=sam)
    key = f"member_{sam}_1"
    screen.text_input(key=f"{key}_title").set_value("Chief of Sales")
    next(button for button in screen.button if button.label == "Save").click()
    screen.run()
    assert not screen.exception
    assert working_screens.store("select business_role from memberships where id = ?", sam) == "Chief of Sales"


def test_somebody_who_decides_about_nobody_sees_a_member_without_a_form(screens: Screens) -> None:
    sam = screens.store("select id from memberships where name = 'Sam Sampleton'")
    screen = screens.open("organization_members", VERA, member=sam)
    assert "In the organization as **member, with sales**" in texts(screen).replace("\\", "")
    assert "Save" not in labels(screen)


def test_a_secret_for_the_identity_provider_is_shown_once_renewed_and_taken_away(working_screens: Screens) -> None:
    def press(label: str) -> None:
        next(button for button in screen.button if button.label == label).click()
        screen.run()
        assert not screen.exception

    def secrets() -> list[str]:
        return [code.value for code in screen.code if code.value.startswith("whsec_")]

    screen = working_screens.open("organization_members", OLIVE)
    assert "There is no secret yet" in texts(screen)
    press("Make a new secret")
    [first] = secrets()
    assert screen.code[0].value.endswith("/api/hooks/users/demo")
    screen.run()
    assert secrets() == []
    press("Make a new secret")
    assert secrets() not in ([], [first])
    assert "the one before is taken until" in texts(screen)
    press("Take the secret away")
    assert "There is no secret yet" in texts(screen)
    press("Take the secret away")
    assert "There is no secret to take away." in texts(screen)


def test_nobody_but_owners_and_admins_sees_the_secrets_place(screens: Screens) -> None:
    for email in (SAM, VERA):
        assert "Make a new secret" not in labels(screens.open("organization_members", email))


def test_settings_are_saved_and_a_name_cannot_be_empty(working_screens: Screens) -> None:
    screen = working_screens.open("organization_settings", OLIVE)
    screen.text_input[0].set_value("Oakbeam & Daughters")
    next(button for button in screen.button if button.label == "Save").click()
    screen.run()
    assert working_screens.store("select name from organizations where slug = 'demo'") == "Oakbeam & Daughters"
    screen.text_input[0].set_value(" ")
    next(button for button in screen.button if button.label == "Save").click()
    screen.run()
    assert screen.error
    assert working_screens.store("select name from organizations where slug = 'demo'") == "Oakbeam & Daughters"


def test_usage_counts_what_is_there(screens: Screens) -> None:
    shown = metrics(screens.open("organization_usage", OLIVE))
    assert shown["Seats"] == "4"
    assert shown["Deals"] == formats.count(
        screens.store(
            "select count(*) from opportunities where organization_id = ? and deleted_at is null",
            screens.organization("demo"),
        )
    )
    assert shown["Published numbers"].endswith("MiB")


def test_a_person_begins_where_they_chose_and_only_once(working_screens: Screens) -> None:
    _choose(OLIVE, start_page="teams")
    screen = working_screens.open("home", OLIVE)
    assert "Teams" in [title.value for title in screen.title]
    screen.switch_page("screens/home.py").run()
    assert "Teams" not in [title.value for title in screen.title]


def test_a_persons_time_zone_and_days_come_before_the_organizations(working_screens: Screens) -> None:
    before = texts(working_screens.open("home", OLIVE))
    _choose(OLIVE, timezone="Asia/Tokyo", locale="en_US")
    after = texts(working_screens.open("home", OLIVE))
    assert " UTC" in before
    assert " JST" in after
    assert " PM JST" in after or " AM JST" in after


def test_what_was_typed_for_one_organization_reaches_no_other(working_screens: Screens) -> None:
    working_screens.found_empty()
    screen = working_screens.open("organization_teams", OLIVE)
    screen.text_input[0].set_value("Meant for the demo company")
    next(button for button in screen.button if button.label == "Add team").click()
    # Between typing and sending, another tab of the same sign-in switches.
    screen.session_state["signed_in"] = working_screens.signed_in(OLIVE, "empty")
    screen.run()
    assert not screen.exception
    assert screen.session_state[DRAWN_FOR] == working_screens.organization("empty")
    with reading() as session:
        assert {one.name for one in session.query(Team)} == {"Sales", "Support"}


def test_somebody_without_an_organization_may_found_one_where_everybody_may(working_screens: Screens) -> None:
    from streamlit.testing.v1 import AppTest

    from tests.apps.ui.conftest import MAIN

    who = replace(working_screens.signed_in(OLIVE, "demo"), actor=None, user_id="01a1f978-260d-7a30-88ee-acbe8deb9a29")
    screen = AppTest.from_file(MAIN, default_timeout=300)
    screen.session_state["signed_in"] = who
    screen.run()
    assert "New organization" in labels(screen)


@pytest.mark.parametrize(
    ("locale", "written"),
    [("", "20 Nov 2026"), ("en_US", "Nov 20, 2026"), ("sv_SE", "2026-11-20"), ("de_DE", "20 Nov 2026")],
)
def test_days_are_written_the_way_of_the_locale(locale: str, written: str) -> None:
    from datetime import date

    formats.write_for(locale)
    try:
        assert formats.day(date(2026, 11, 20)) == written
    finally:
        formats.write_for(None)
