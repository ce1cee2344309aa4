"""Audit: owners and admins search what was done, open a row, see that the chain holds, and are told what matters."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from apps.ui.parts.audit_words import details_in_words
from apps.ui.rooms import rooms_of
from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, labels, texts
from tests.tampering import tamper
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, User
from warehouse.operations import security_events


def _shown(screen: AppTest) -> list[dict[str, str]]:
    return screen.dataframe[0].value.to_dict("records")


def _locked(email: str) -> None:
    with writing() as session:
        user = session.scalars(select(User.id).where(User.email == email)).one()
        security_events.note_failure(session, user, datetime.now(UTC), "password", locks=True)


def _newest() -> str:
    with reading() as session:
        return session.scalars(select(AuditEvent.id).order_by(AuditEvent.position.desc())).all()[0]


def test_what_was_done_is_listed_latest_first_in_words(working_screens: Screens) -> None:
    _locked(SAM)
    screen = working_screens.open("organization_audit", OLIVE)
    rows = _shown(screen)
    assert [row["What"] for row in rows[:3]] == [
        "Signed in",
        "Was locked out after failed sign-ins",
        "Failed to sign in",
    ]
    assert rows[0]["Who"] == "Olive Oakbeam"
    assert rows[0]["Record"].startswith("Member ")
    assert rows[-1]["What"] == "Created an organization"


def test_filters_narrow_and_nothing_found_offers_everything(working_screens: Screens) -> None:
    _locked(SAM)
    screen = working_screens.open("organization_audit", OLIVE)
    screen.multiselect(key="what").select("Failed to sign in").run()
    assert {row["What"] for row in _shown(screen)} == {"Failed to sign in"}
    screen.text_input(key="record").set_value("no such id").run()
    assert "Nothing that was done matches." in texts(screen)
    next(button for button in screen.button if button.label == "Show everything").click().run()
    assert len(_shown(screen)) > 3


def test_the_badge_says_that_the_chain_holds_or_which_row_was_altered(working_screens: Screens) -> None:
    screen = working_screens.open("organization_audit", OLIVE)
    assert "Chain holds" in texts(screen)
    altered = _newest()
    tamper(f"update audit_events set actor_label = 'x' where id = '{altered}'")
    next(button for button in screen.button if button.label == "Verify again").click().run()
    assert "Chain is broken, 1 finding" in texts(screen)
    assert altered in texts(screen)


def test_a_row_opens_at_its_address_with_its_place_in_the_chain(working_screens: Screens) -> None:
    _locked(SAM)
    event = _newest()
    screen = working_screens.open("organization_audit", OLIVE, event=event)
    with reading() as session:
        row = session.get_one(AuditEvent, event)
    told = texts(screen)
    assert f"Row **{row.position}** of the chain" in told
    assert row.hash in told
    assert row.previous_hash in told
    assert "Open the record" in labels(screen)


def test_another_organizations_row_does_not_open(working_screens: Screens) -> None:
    with reading() as session:
        foreign = working_screens.organization("globex")
        event = session.scalars(select(AuditEvent.id).where(AuditEvent.organization_id == foreign)).first()
    screen = working_screens.open("organization_audit", OLIVE, event=str(event))
    assert "There is no such row" in texts(screen)


@pytest.mark.parametrize("email", [SAM, VERA])
def test_members_and_viewers_do_not_find_the_audit(screens: Screens, email: str) -> None:
    actor = screens.signed_in(email, "demo").actor
    titles = [screen.title for room in rooms_of(actor).values() for screen in room]
    assert "Home" in titles
    assert "Audit" not in titles


def test_notices_wait_on_home_and_audit_until_they_are_put_away(working_screens: Screens) -> None:
    _locked(SAM)
    home = working_screens.open("home", OLIVE)
    assert "is locked for 15 minutes" in texts(home)
    assert "is locked" not in texts(working_screens.open("home", VERA))
    next(button for button in home.button if button.label == "Put away").click().run()
    assert "is locked" not in texts(home)
    assert "is locked" not in texts(working_screens.open("organization_audit", OLIVE))


def test_details_are_told_in_plain_words() -> None:
    details = {
        "changed": {"amount": ["10.0000", "20"], "name": "changed", "expected_close_on": [None, "2026-01-31"]},
        "rows": 1200,
        "fingerprint": None,
        "new_place": True,
        "counts": {"customers": 2},
        "member_id": "one",
    }
    told = [(name, words.replace("\\", "")) for name, words in details_in_words(details, {"one": "Vera"})]
    assert told == [
        ("Amount", "10.0000 → 20"),
        ("Name", "changed; its values are not kept here"),
        ("Expected close on", "empty → 2026-01-31"),
        ("Records touched", "1,200"),
        ("From a new place", "Yes"),
        ("Records by kind", "customers 2"),
        ("Member", "Vera"),
    ]
