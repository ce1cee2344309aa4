"""The house of the planted organizations, built once for everybody who walks through it."""

from collections.abc import Iterator

import pytest

from tests.houses import House
from tests.journeys import canary_house
from tests.journeys.planted import World


@pytest.fixture(scope="session")
def planted_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The planted house, built. Copy it before writing."""
    return canary_house.make(tmp_path_factory.mktemp("canaries") / "data")


@pytest.fixture(scope="module")
def world(planted_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A copy of it, entered, to walk through."""
    with canary_house.entered(planted_house, tmp_path_factory.mktemp("canaries") / "copy") as world:
        yield world
