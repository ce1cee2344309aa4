"""Every kind of record there is can be listed, opened, added to and looked at; nothing is written here."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from apps.ui.kinds import KINDS
from tests.apps.ui.conftest import OLIVE, VERA, Screens, go, labels, texts
from tests.houses import House
from warehouse.operations.records import RECORDS

TEMPLATED = sorted(table for table in RECORDS if not KINDS[table].screen)
EVERY = pytest.mark.parametrize("table", TEMPLATED)


@pytest.fixture(scope="module")
def rooms(furnished_house: House) -> Iterator[Screens]:
    """The furnished house, entered once."""
    with furnished_house.entered():
        yield Screens(furnished_house)


@pytest.fixture(scope="module")
def as_person(rooms: Screens) -> Callable[[str], AppTest]:
    """A person's open screen, on which they go from place to place."""
    opened: dict[str, AppTest] = {}

    def find(email: str) -> AppTest:
        return opened.setdefault(email, opened.get(email) or rooms.open("home", email))

    return find


@EVERY
def test_an_owner_finds_a_list_a_record_and_a_way_to_a_new_one(
    rooms: Screens, as_person: Callable[[str], AppTest], table: str
) -> None:
    kind, screen = KINDS[table], as_person(OLIVE)
    go(screen, "records", of=table)
    assert screen.title[0].value == kind.plural
    assert len(screen.dataframe[0].value)
    go(screen, "record", of=table, id=rooms.some(table))
    assert screen.title[0].value != "Not found"
    assert f"Delete this {kind.noun}" in labels(screen)
    assert ("Save" in labels(screen)) == (RECORDS[table].edit is not None)
    go(screen, "records", of=table, new=table)
    assert f"Add {kind.noun}" in labels(screen)


@EVERY
def test_a_viewer_finds_everything_and_no_way_to_change_it(
    rooms: Screens, as_person: Callable[[str], AppTest], table: str
) -> None:
    screen = as_person(VERA)
    for page, address in (("records", {"new": table}), ("record", {"id": rooms.some(table)})):
        go(screen, page, of=table, **address)
        assert screen.title[0].value != "Not found"
        ways = [one for one in labels(screen) if one.startswith(("New ", "Add ", "Delete ", "Save", "Make it"))]
        assert ways == []
    assert "Details" in texts(screen)
