"""Screens over real stores: who looks, in which organization, at which address."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.houses import ROOT, House
from tests.warehouse.operations.company import Company
from tests.warehouse.operations.samples import record
from warehouse.oltp.engine import writing, writing_as
from warehouse.oltp.organization import Organization, User
from warehouse.operations import identity
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.identity import SignedIn
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.records import RECORDS
from warehouse.operations.rooms import OPERATIONS

MAIN = str(ROOT / "apps" / "ui" / "main.py")
OLIVE, SAM, VERA, BOB = "olive@demo.example", "sam@demo.example", "vera@demo.example", "bob@globex.example"


@dataclass
class Screens:
    """The screens over one data folder that this process works on."""

    house: House

    def signed_in(self, email: str, slug: str) -> SignedIn:
        """The person, in the organization."""
        with writing() as session:
            user = session.query(User).filter(User.email == email).one()
            opened = identity.open_session(session, user, datetime.now(UTC))
            wanted = next(one for one in identity.organizations_of(session, user.id) if one.slug == slug)
            identity.choose_organization(session, opened.id, wanted.id)
            session.flush()
            found = identity.actor_of(session, opened.id, datetime.now(UTC))
        assert found is not None
        assert found.actor is not None
        return found

    def open(self, page: str, email: str, slug: str = "demo", **address: str | list[str]) -> AppTest:
        """A screen as the person sees it, run once."""
        screen = AppTest.from_file(MAIN, default_timeout=300)
        if page != "home":
            # A stranger's welcome is the cheapest run, after which the pages are known.
            screen.run()
            screen.switch_page(f"screens/{page}.py")
        screen.session_state["signed_in"] = self.signed_in(email, slug)
        return go(screen, None, **address)

    def store(self, sql: str, *values: object) -> Any:
        """One value straight from the operational store's file."""
        with sqlite3.connect(self.house.home / "operational.db") as store:
            return store.execute(sql, values).fetchone()[0]

    def organization(self, slug: str) -> str:
        """An organization's id."""
        return str(self.store("select id from organizations where slug = ?", slug))

    def a_deal(self, slug: str = "demo", stage: str = "proposal") -> str:
        """Some deal of an organization on that rung."""
        return str(
            self.store(
                "select min(id) from opportunities where organization_id = ? and stage = ?",
                self.organization(slug),
                stage,
            )
        )

    def some(self, table: str) -> str:
        """The latest record of a kind in the demo company."""
        return str(
            self.store(
                f"select max(id) from {table} where organization_id = ? and deleted_at is null",
                self.organization("demo"),
            )
        )

    def do(self, operation: str, email: str = OLIVE, /, **values: Any) -> Any:
        """Perform an operation by its name as a person of the demo company."""
        actor, run = self.signed_in(email, "demo").actor, OPERATIONS[operation]
        assert actor is not None
        with writing_as(actor) as session:
            return run(session, actor, run.input(**values))

    def found_empty(self, email: str = OLIVE) -> None:
        """A second organization of a person, without anything in it."""
        with writing() as session:
            user = session.query(User).filter(User.email == email).one()
            create_organization(
                session, CreateOrganization(slug="empty", name="Empty Works", owner_user_id=user.id, owner_name="Owner")
            )


@pytest.fixture(scope="session")
def shared_house(built_house: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A copy that screens may keep receipts in; nobody edits a deal here."""
    return built_house.copy(tmp_path_factory.mktemp("screens") / "data")


@pytest.fixture(scope="session")
def furnished_house(demo_house: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The demo company with a record of every kind, and no numbers: what lists and records need. Copy it before writing."""
    house = demo_house.copy(tmp_path_factory.mktemp("furnished") / "data")
    with house.entered(), writing() as session:
        [organization] = session.query(Organization).filter(Organization.slug == "demo")
        company = Company(session, organization.id)
        for table in RECORDS:
            # A record of one kind may bring others that are known by the same words.
            with suppress(NotAllowedNow), session.begin_nested():
                record(company, table)
    return house


@pytest.fixture
def furnished(furnished_house: House, enter: Callable[[House], None], tmp_path: Path) -> Iterator[Screens]:
    """Screens to work with, over a record of every kind."""
    yield from _over(furnished_house.copy(tmp_path / "data"), enter)


@pytest.fixture
def screens(shared_house: House, enter: Callable[[House], None]) -> Iterator[Screens]:
    """Screens to look at."""
    yield from _over(shared_house, enter)


@pytest.fixture
def working_screens(house: House, enter: Callable[[House], None]) -> Iterator[Screens]:
    """Screens to work with."""
    yield from _over(house, enter)


def _over(house: House, enter: Callable[[House], None]) -> Iterator[Screens]:
    enter(house)
    yield Screens(house)


def go(screen: AppTest, page: str | None, **address: str | list[str]) -> AppTest:
    """The same person goes on to another screen, or to another address of the one that is chosen."""
    if page:
        screen.query_params.clear()
        screen.switch_page(f"screens/{page}.py")
    for name, value in address.items():
        screen.query_params[name] = value
    screen.run()
    assert not screen.exception, screen.exception
    assert not [error for error in screen.error if "the reference" in error.value], "something nobody foresaw"
    return screen


def texts(screen: AppTest) -> str:
    """Everything a screen says, in one text."""
    kinds = (screen.title, screen.markdown, screen.caption, screen.info, screen.warning, screen.error, screen.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def labels(screen: AppTest) -> list[str]:
    """What the buttons say."""
    return [button.label for button in screen.button]


def metrics(screen: AppTest) -> dict[str, str]:
    """What the cards say."""
    return {metric.label: metric.value for metric in screen.metric}


def money(scaled: int) -> Decimal:
    """An amount as SQLite keeps it, in major units."""
    return Decimal(scaled).scaleb(-4)
