"""Screens over real stores: who looks, in which organization, at which address."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.houses import ROOT, House
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import User
from warehouse.operations import identity
from warehouse.operations.identity import SignedIn
from warehouse.operations.organization import CreateOrganization, create_organization

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
        screen = AppTest.from_file(MAIN, default_timeout=60)
        screen.session_state["signed_in"] = self.signed_in(email, slug)
        if page != "home":
            screen.run()
            screen.switch_page(f"screens/{page}.py")
        for name, value in address.items():
            screen.query_params[name] = value
        screen.run()
        assert not screen.exception, screen.exception
        assert not [error for error in screen.error if "the reference" in error.value], "something nobody foresaw"
        return screen

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
