"""The built house, ready to be asked in plain words."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ml.language.interpreter import interpret
from ml.language.plan import Plan
from ml.language.work import Asking
from tests.houses import House, today

PERSONAL = frozenset({"personal"})
RESTRICTED = frozenset({"restricted"})


@pytest.fixture(scope="session")
def lived_in(built_house: House) -> Iterator[House]:
    """Inside, this process works on the built house."""
    with built_house.entered():
        yield built_house


@pytest.fixture(scope="session")
def asking(lived_in: House) -> Asking:
    """The owner of the demo company asks, on the last day that is over."""
    return asked_of("demo")


def asked_of(slug: str, hidden: frozenset[str] = frozenset(), as_of: date | None = None) -> Asking:
    """Somebody who does not see columns with these tags."""
    from dataclasses import replace

    from warehouse.metrics.calendar import calendar_of
    from warehouse.metrics.serving import serving
    from warehouse.oltp.engine import reading
    from warehouse.operations.organization import find_organization

    with reading() as session:
        organization = find_organization(session, slug)
        calendar = calendar_of(session, organization.id)
        served = serving(organization.id)
    return Asking(replace(served, hidden=hidden), as_of or today(), calendar)


@pytest.fixture(scope="session")
def plan(asking: Asking) -> Callable[..., Plan]:
    """What a text is understood as."""
    return lambda text, previous=None: interpret(asking, text, previous)


@pytest.fixture(scope="session")
def development() -> Path:
    """The questions the interpreter is developed on."""
    return Path(__file__).resolve().parents[1] / "ask" / "development.yaml"
