"""Whoever asks, wherever, for whatever: nothing of another organization is said, and nothing their rights hide."""

from collections.abc import Callable, Iterator
from random import Random

import pytest
import typer.main
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from apps.cli import app as commands
from tests.journeys.canary_house import MOUNTED, addresses, application, client
from tests.journeys.looking import ADDRESSED, drive_screens, screens
from tests.journeys.planted import READ_BACK, TOO_SHORT, World, unmarked
from tests.journeys.surfaces import CHEAP, ELSEWHERE, VERBS, Said, Visit, argument, drive_http, reads
from tests.warehouse.operations.cases import CASES
from warehouse.extracts.builds import extracts_of
from warehouse.oltp.engine import reading_as
from warehouse.operations.declare import OPERATIONS
from warehouse.settings import settings

EXAMPLES = 200
"""At each surface."""
AT_LEAST = 2_000
"""At all of them."""
SURFACES = sorted({*CHEAP, "http", "screens"})
RIGHTS_HOLD_AT = {"store", "metrics", "screens", "exports", "receipts"}
"""Where somebody who does not see personal fields must have been among those who looked."""
at_random = examples(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A failing example names its dice, which say everything: looking for a smaller one takes minutes.
    phases=[Phase.generate],
)


@pytest.fixture(scope="module")
def drivers(world: World) -> dict[str, Callable[[Visit], Said]]:
    """Surface → how it is driven."""
    over_http, paths = client(application()[0], settings().origin), addresses()
    return CHEAP | {"http": lambda visit: drive_http(visit, over_http, paths), "screens": drive_screens}


@pytest.mark.slow
def test_every_text_column_says_whose_it_is(world: World) -> None:
    assert unmarked() == TOO_SHORT | READ_BACK


@pytest.mark.slow
def test_every_organization_has_numbers_to_keep_apart(world: World) -> None:
    assert all(extracts_of(one) for one in world.organizations.values())


def test_no_surface_is_missing() -> None:
    """A new screen, address, operation or reading has to be driven before it is shipped."""
    assert set(ADDRESSED) == set(screens())
    assert set(CASES) == set(OPERATIONS)
    assert set(ELSEWHERE) <= set(reads())
    assert set(VERBS) == set(_verbs_of_one_organization())
    assert EXAMPLES * len(SURFACES) >= AT_LEAST


def _verbs_of_one_organization() -> Iterator[str]:
    """Verbs with --org, or with an organization's slug."""
    top = typer.main.get_command(commands)
    groups = {"": top} | {f"{name} ": one for name, one in top.commands.items() if hasattr(one, "commands")}
    for prefix, group in groups.items():
        for name, verb in group.commands.items():
            if any("--org" in one.opts or one.name == "slug" for one in verb.params):
                yield prefix + name


@pytest.mark.slow
def test_no_address_is_missing(world: World) -> None:
    assert {route.path for route in application()[1]} == MOUNTED
    reached = {path for _, path in addresses()}
    assert all(any(path.startswith(mounted) for path in reached) for mounted in MOUNTED)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(reads()) - set(ELSEWHERE)))
def test_every_reading_can_be_driven(world: World, name: str) -> None:
    """A parameter nobody knows a value for fails here, by its name."""
    visit = Visit(world, world.people[0], Random(7))
    with reading_as(visit.actor) as session:
        assert argument(visit, reads()[name], session)


@pytest.mark.slow
@pytest.mark.parametrize("surface", SURFACES)
def test_nothing_foreign_is_said(world: World, drivers: dict[str, Callable[[Visit], Said]], surface: str) -> None:
    tried, answered, without_rights = 0, 0, 0

    @at_random
    @given(who=st.sampled_from(world.people), dice=st.integers(0, 2**63))
    def drive(who: object, dice: int) -> None:
        nonlocal tried, answered, without_rights
        visit = Visit(world, who, Random(dice))  # type: ignore[arg-type]
        said = drivers[surface](visit)
        wrong = visit.wrong(said)
        where = next((said.answer.lower().index(one.lower()) for one in wrong if one.lower() in said.answer.lower()), 0)
        assert wrong == [], (
            f"{visit.who.number} {visit.actor.role} was told: {said.answer[max(0, where - 300) :][:600]}"
        )
        tried += 1
        answered += bool(said.answer)
        without_rights += "personal" in visit.actor.hidden

    drive()
    assert tried >= EXAMPLES
    assert answered, "nothing was said at all, so nothing was looked at"
    assert without_rights >= 10 or surface not in RIGHTS_HOLD_AT
