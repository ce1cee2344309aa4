"""Houses to test in: real stores, really built, shared where nothing is written and copied where something is."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from streamlit.components.v2 import manifest_scanner

from tests.houses import MAPPING, SHARED, House, forget_everything, living_in, made_once
from tests.postgres import Databases, copy_store, started
from warehouse.oltp import engine as engines

ACCOUNTS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Pebble & Sons,retail,1999,12.5,140,Norway,
Quarry Lane,software,2004,101.07,900,Kenya,
Tin Whistle Ltd,retail,2010,3.25,12,Norway,Quarry Lane
"""
PRODUCTS = """product,series,sales_price
GTX Pro,GTX,4821
Kite One,Kite,120
"""
TEAMS = """sales_agent,manager,regional_office
Robin Reed,Marlo Marsh,West
Sage Stone,Marlo Marsh,East
"""
PIPELINE = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Robin Reed,GTXPro,Pebble & Sons,Won,2017-01-10,2017-02-09,5000
A2,Robin Reed,Kite One,Quarry Lane,Won,2017-02-01,2017-03-03,150.25
A3,Sage Stone,GTX Pro,Tin Whistle Ltd,Lost,2017-02-10,2017-03-12,0
A4,Sage Stone,Kite One,,Engaging,2017-03-01,,
A5,Robin Reed,Kite One,Pebble & Sons,Prospecting,,,
A6,Sage Stone,Kite One,Quarry Lane,Won,2017-05-01,2017-06-20,99.75
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser, a server and a test wait for each other: a journey that fails is walked once more, and that is told."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def keys_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The keys of the tests' homes are kept away from those of whoever runs the tests."""
    run = os.environ.get(SHARED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(Path(run) / "keys" if run else tmp_path_factory.mktemp("keys")))
        yield


@pytest.fixture(scope="session", autouse=True)
def components_looked_for_once() -> Iterator[None]:
    """A tested screen looks for components in every installed package on each of its runs: four fifths of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_written_once() -> Iterator[None]:
    """Every house has an engine of its own, and each wrote the SQL of every statement anew: a fifth of many a test.

    What one of them wrote is good for all of its kind: their databases are of one schema, on one version.
    """
    kept = LRUCache(2_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create_engine", partial(create_engine, execution_options={"compiled_cache": kept}))
        for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
            patch.setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))
            patch.setattr(dialect, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store brought to today's schema once; tests work on copies of its file."""
    home = tmp_path_factory.mktemp("schema")
    with living_in(home):
        from warehouse.oltp import migrate
        from warehouse.oltp.engine import engine
        from warehouse.settings import settings

        migrate.upgrade()
        path = settings().operational_path
        with closing(engine().raw_connection()) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
    return path


@pytest.fixture(scope="session")
def small_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six deals in the layout of the shipped mapping; the last thing that happened is of June 2017."""
    folder = tmp_path_factory.mktemp("export")
    files = {"accounts": ACCOUNTS, "products": PRODUCTS, "sales_teams": TEAMS, "sales_pipeline": PIPELINE}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def demo_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The demo company before its first build. Copy it before writing."""
    return made_once("demo", tmp_path_factory.mktemp("demo"), lambda house: house.run("demo"))


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory, demo_house: House, small_export: Path) -> House:
    """The demo company and globex (six deals, no open amounts, ending in 2017), built. Copy it before writing."""

    def make(house: House) -> None:
        demo_house.copy(house.home)
        owned = ("--org", "globex", "--owner", "bob@globex.example")
        house.run("import", str(small_export), "--mapping", str(MAPPING), *owned)
        house.run("refresh")

    return made_once("built", tmp_path_factory.mktemp("house"), make)


@pytest.fixture(scope="session")
def built_home(built_house: House) -> Path:
    """The data folder of `built_house`."""
    return built_house.home


@pytest.fixture
def house(built_house: House, tmp_path: Path) -> Iterator[House]:
    """A copy of the built house that a test may change."""
    yield built_house.copy(tmp_path / "data")
    forget_everything()


@pytest.fixture(scope="session")
def crm_maven() -> Path:
    """The public CRM export, where this machine has it."""
    folder = Path(os.environ.get("LONGHOUSE_TEST_DATA", "")) / "crm_maven"
    if not os.environ.get("LONGHOUSE_TEST_DATA") or not folder.is_dir():
        pytest.skip("LONGHOUSE_TEST_DATA names no folder that holds crm_maven")
    return folder


@pytest.fixture(scope="session")
def maven(tmp_path_factory: pytest.TempPathFactory, crm_maven: Path) -> House:
    """The public CRM export as the organization maventech, built."""
    made = House(tmp_path_factory.mktemp("maven") / "data")
    made.run("import", str(crm_maven), "--org", "maventech", "--mapping", str(MAPPING))
    made.run("refresh")
    return made


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """A PostgreSQL server of this run's own."""
    with started() as made:
        yield made


@pytest.fixture(scope="session")
def postgres_house(built_house: House, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The very rows of `built_house`, kept by PostgreSQL, and a lake of their own whose catalog lies there too."""
    made = House(tmp_path_factory.mktemp("house") / "data", databases.fresh())
    made.run("init")
    copy_store(built_house, made)
    made.run("refresh")
    return made


@pytest.fixture(params=["embedded", "postgresql"])
def house_on_either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A copy of the built house that a test may change, on each engine."""
    if request.param == "embedded":
        yield request.getfixturevalue("house")
        return
    original: House = request.getfixturevalue("postgres_house")
    databases: Databases = request.getfixturevalue("databases")
    server = databases.fresh(original.server)
    yield House(original.copy(tmp_path / "data").home, server)
    forget_everything()
    databases.drop(server)


@pytest.fixture
def enter() -> Iterator[Callable[[House], None]]:
    """Work on a house in this process until the test ends."""
    with _Entered() as entered:
        yield entered.into


class _Entered:
    def __enter__(self) -> "_Entered":
        self._left: list[Any] = []
        return self

    def into(self, house: House) -> None:
        """Enter a house; the one before is left at the end."""
        context = house.entered()
        context.__enter__()
        self._left.append(context)

    def __exit__(self, *_: object) -> None:
        for context in reversed(self._left):
            context.__exit__(None, None, None)
