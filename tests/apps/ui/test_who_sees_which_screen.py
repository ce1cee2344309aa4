"""Every screen times every kind of people: drawn for whom the law lets in, refused to everybody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from apps.ui import session
from apps.ui.kinds import KINDS
from apps.ui.rooms import ROOMS, own_screens, rooms_of
from tests.apps.people import DEACTIVATED, ELSEWHERE, NOWHERE, OPERATOR, OTHERS, STRANGER, People, everybody, rights
from tests.apps.ui.conftest import MAIN, labels
from tests.houses import ROOT, House
from tests.journeys.looking import ADDRESSED, ENTITY, screens, shown
from tests.warehouse.operations.cases import WHO
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import Organization
from warehouse.operations.identity import SignedIn
from warehouse.operations.records import room_of
from warehouse.tenancy import law, member

SIGNED_IN, WITHOUT_ORGANIZATION, FOR_THE_OPERATOR = "signed in", "signed in, wherever", "the right of the installation"
HOMES = {"Oakbeam Trestle Works", "Globex"}


@dataclass(frozen=True)
class Row:
    """What a screen takes, and the title by which it is known."""

    takes: str
    title: str


ROWS = {
    "home.py": Row("insights:read", ""),
    "dashboard.py": Row("insights:read", "Not found"),
    "dashboards.py": Row("insights:read", "Saved dashboards"),
    "ask.py": Row("insights:read", "Ask"),
    "explore.py": Row("insights:read", "Explore"),
    "why.py": Row("insights:read", "Why did it change?"),
    "sales_pipeline.py": Row("sales:read", "Pipeline"),
    "sales_deals.py": Row("sales:read", "Deals"),
    "sales_deal.py": Row("sales:read", "Not found"),
    "insights_checks.py": Row("insights:read", "Data checks"),
    "insights_alerts.py": Row("insights:read", "Alerts"),
    "insights_health.py": Row("insights:read", "Health"),
    "insights_metrics.py": Row("insights:read", "Metrics"),
    "insights_catalogue.py": Row("insights:read", "Catalogue"),
    "insights_runs.py": Row("insights:read", "Runs"),
    "insights_sql.py": Row("insights:sql", "SQL"),
    "organization_members.py": Row("organization:read", "Members"),
    "organization_teams.py": Row("organization:read", "Teams"),
    "organization_settings.py": Row("organization:settings", "Settings"),
    "organization_audit.py": Row("organization:audit", "Audit"),
    "organization_usage.py": Row("organization:settings", "Plan and usage"),
    "account_security.py": Row(SIGNED_IN, "Security"),
    "account_preferences.py": Row(SIGNED_IN, "Preferences"),
    "account_notifications.py": Row(SIGNED_IN, "Notifications"),
    "account_join.py": Row(WITHOUT_ORGANIZATION, "Join"),
    "organization_new.py": Row(WITHOUT_ORGANIZATION, "New organization"),
    "organization_outbox.py": Row(FOR_THE_OPERATOR, "Outbox"),
    "operations_errors.py": Row(FOR_THE_OPERATOR, "Errors"),
}
"""Every screen there is; a deal that nobody named is not found, by whoever may look for one."""


SHARED = {"records.py", "record.py", "set_up.py"}
"""These serve many addresses, each with a right of its own."""


def lets_in(takes: str, who: str) -> bool:
    """Whether the law lets this kind of people see a screen."""
    if who in {STRANGER, DEACTIVATED}:
        return False
    if takes == WITHOUT_ORGANIZATION or (takes == SIGNED_IN and who != NOWHERE):
        return True
    return takes in rights(who) or (takes == FOR_THE_OPERATOR and who == OPERATOR)


def test_every_screen_has_a_row() -> None:
    assert set(ROWS) | SHARED == set(screens())


def test_a_screen_takes_what_its_row_says() -> None:
    listed = {one.file: one.permission for room in ROOMS.values() for one in room if one.file not in SHARED}
    assert listed == {file: row.takes for file, row in ROWS.items() if row.takes in law().rights}


def test_a_list_takes_the_right_to_read_its_room_and_own_fields_stand_beside_the_settings() -> None:
    listed = {one.path: one.permission for room in ROOMS.values() for one in room if one.file in SHARED}
    for kind in KINDS.values():
        takes = f"{room_of(kind.table)}:read"
        in_menu = "organization:settings" if kind.table == "custom_fields" else takes
        assert (kind.permission, listed.get(kind.path, in_menu)) == (takes, in_menu), kind.table
    for path, permission in listed.items():
        assert not path.endswith("-set-up") or permission == f"{path.removesuffix('-set-up')}:read"


@pytest.mark.slow
@pytest.mark.parametrize("who", [*WHO, *OTHERS])
@pytest.mark.parametrize("table", ["custom_fields", "customers"])
def test_a_list_is_drawn_or_refused_as_the_law_says(
    people: People, monkeypatch: pytest.MonkeyPatch, who: str, table: str
) -> None:
    kind = KINDS[table]
    screen = Browser(people, monkeypatch, who).open("records.py", of=table)
    drawn = kind.plural in titles(screen) and bool(screen.button) and not screen.info
    nothing = kind.plural in titles(screen) and any(kind.told in one.value for one in screen.info)
    assert (drawn or nothing) == lets_in(kind.permission, who), (titles(screen), [one.value for one in screen.info])


@pytest.mark.parametrize("who", [*WHO, OPERATOR])
def test_the_menu_is_what_the_law_says(who: str) -> None:
    role, functions = WHO.get(who, WHO["member"])
    somebody = SignedIn("", "", "", actor=member("", "", role, functions), is_operator=who == OPERATOR)
    rooms = (*rooms_of(somebody.actor).values(), *own_screens(somebody).values())
    assert {one.file for room in rooms for one in room} - SHARED == {
        file for file, row in ROWS.items() if lets_in(row.takes, who)
    }
    lists = {one.path: one.permission for room in ROOMS.values() for one in room if one.file in SHARED}
    assert {one.path for room in rooms for one in room if one.file in SHARED} == {
        path for path, takes in lists.items() if not takes or lets_in(takes, who)
    }


@pytest.fixture(scope="module")
def people(built_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with everybody(built_house, tmp_path_factory.mktemp("people") / "data") as found:
        yield found


class Browser:
    """Somebody's browser, with the cookie that Streamlit keeps of their sign-in."""

    def __init__(self, people: People, patch: pytest.MonkeyPatch, who: str) -> None:
        self.patch, self.signed_out = patch, 0
        sid = people.sign_ins.get(who)
        self.cookie: dict[str, Any] = {"is_logged_in": True, "sid": sid} if sid else {}
        patch.setattr(st, "user", {})
        patch.setattr(st, "logout", self._sign_out)
        session._checked.clear()  # type: ignore[attr-defined]

    def _sign_out(self) -> None:
        self.signed_out += 1

    def open(self, file: str, **address: str) -> AppTest:
        """A screen by its address, whether or not the menu has it."""
        self.patch.setattr(st, "user", {})
        # A stranger's welcome is the cheapest run, after which the pages are known.
        screen = AppTest.from_file(MAIN, default_timeout=300).run()
        self.patch.setattr(st, "user", self.cookie)
        screen.switch_page(f"screens/{file}")
        for name, value in address.items():
            screen.query_params[name] = value
        return self._calm(screen.run())

    def open_alone(self, file: str) -> AppTest:
        """A screen's own file, with nothing in front of it that would have asked."""
        self.patch.setattr(st, "user", self.cookie)
        return self._calm(AppTest.from_file(str(ROOT / "apps" / "ui" / "screens" / file), default_timeout=300).run())

    def _calm(self, screen: AppTest) -> AppTest:
        assert not screen.exception, screen.exception
        assert not [one for one in screen.error if "the reference" in one.value], "something nobody foresaw"
        return screen


def titles(screen: AppTest) -> list[str]:
    return [title.value for title in screen.title]


@pytest.mark.slow
@pytest.mark.parametrize("who", [*WHO, *OTHERS])
def test_a_screen_is_drawn_or_refused_as_the_law_says(
    people: People, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    browser = Browser(people, monkeypatch, who)
    for file, row in ROWS.items():
        screen = browser.open(file)
        drawn = bool(HOMES & set(titles(screen))) if file == "home.py" else row.title in titles(screen)
        assert drawn == lets_in(row.takes, who), f"{who} at {file}: {titles(screen)}"
        if drawn:
            continue
        if who == STRANGER:
            assert labels(screen) == ["Sign in"], file
        elif who == DEACTIVATED:
            # Nothing is drawn, and the browser's own sign-in ends.
            assert (titles(screen), browser.signed_out > 0) == ([], True), file
        elif who == NOWHERE:
            assert "No organization yet" in [one.value for one in screen.header], file
        else:
            # An address that is not theirs leads home, as one that never was.
            assert HOMES & set(titles(screen)), file


KEPT_AWAY = [
    (file, who) for file, row in ROWS.items() for who in (*WHO, STRANGER, DEACTIVATED) if not lets_in(row.takes, who)
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "who"), KEPT_AWAY)
def test_a_screen_refuses_by_itself_whom_the_menu_keeps_away(
    people: People, monkeypatch: pytest.MonkeyPatch, file: str, who: str
) -> None:
    """The second guard: nothing of it is shown even where the list of screens let somebody through."""
    browser = Browser(people, monkeypatch, who)
    screen = browser.open_alone(file)
    told = [one.value for one in (*screen.info, *screen.error)]
    assert told or browser.signed_out, "it says so, or ends the sign-in"
    assert not labels(screen)
    assert not screen.metric
    assert not screen.text_input
    assert not screen.dataframe


@pytest.mark.slow
def test_a_member_of_another_organization_sees_their_own_under_every_address(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(people, monkeypatch, ELSEWHERE)
    theirs, foreign = _of_the_demo_company()
    for file in ROWS:
        address = {name: theirs[ENTITY[name]] for name in ADDRESSED[file] if name in ENTITY and ENTITY[name] in theirs}
        screen = browser.open(file, **address)
        said = shown(screen)
        assert [one for one in foreign if one in said] == [], file


def _of_the_demo_company() -> tuple[dict[str, str], list[str]]:
    """An id of each kind of record, and the words that stand in those records."""
    from sqlalchemy import select

    from warehouse.oltp.base import Base

    tables = ("opportunities", "memberships", "audit_events", "receipts")
    with reading() as session:
        demo = session.scalars(select(Organization).where(Organization.slug == "demo")).one()
        ids, words = {}, [demo.name]
        for name in tables:
            table = Base.metadata.tables[name]
            row = session.execute(select(table).where(table.c.organization_id == demo.id).limit(1)).mappings().first()
            if row is not None:
                ids[name] = str(row["id"])
                words += [str(row["name"])] if "name" in row else []
    return ids, words
