"""A fresh operational store, and two organizations in it: ana owns acme, vic looks on there, bob owns globex."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy.orm import Session

from tests.buckets import bucket, s3  # noqa: F401 - fixtures
from tests.houses import living_in
from tests.postgres import Databases
from warehouse.extracts.definitions import read_models
from warehouse.lake.extensions import bootstrap
from warehouse.oltp import migrate
from warehouse.oltp.engine import writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import Organization, User
from warehouse.operations.bulk import Batch, BulkLoad, bulk_load
from warehouse.operations.identity import member_actor
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, Actor, operator_actor

# How long an example takes says nothing about whether it is right.
hypothesis.settings.register_profile("longhouse", deadline=None)
hypothesis.settings.load_profile("longhouse")


@pytest.fixture(scope="session")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine's extensions, installed once; a data folder's own are a link to them."""
    folder = tmp_path_factory.mktemp("extensions")
    bootstrap(folder)
    return folder


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> str:
    """The same on PostgreSQL; tests work on copies of this database."""
    made = databases.fresh()
    with living_in(tmp_path_factory.mktemp("schema"), made):
        migrate.upgrade()
    return made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever needs a store runs on both engines; what looks into the file itself says so: `embedded`."""
    engines: list[Any] = ["sqlite"]
    if metafunc.definition.get_closest_marker("embedded") is None:
        engines.append(pytest.param("postgresql", marks=pytest.mark.slow))
    for name, scope in (("store", None), ("standing_store", "module")):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, engines, indirect=True, scope=scope)


@pytest.fixture
def store(request: pytest.FixtureRequest, extensions: Path, tmp_path: Path) -> Iterator[Path]:
    """A fresh operational store, the one every operation of the test writes to: its file, where it is one."""
    with _opened(request, tmp_path / "data", extensions) as path:
        yield path


@pytest.fixture(scope="module")
def standing_store(
    request: pytest.FixtureRequest, extensions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A store that a whole module's tests share: each takes back what it wrote."""
    with _opened(request, tmp_path_factory.mktemp("standing") / "data", extensions) as path:
        yield path


@contextmanager
def _opened(request: pytest.FixtureRequest, home: Path, extensions: Path) -> Iterator[Path]:
    home.mkdir()
    (home / "extensions").symlink_to(extensions)
    if request.param == "sqlite":
        empty = request.getfixturevalue("empty_store")
        shutil.copy(empty, home / empty.name)
        with living_in(home):
            yield settings().operational_path
        return
    databases = request.getfixturevalue("databases")
    made = databases.fresh(request.getfixturevalue("empty_database"))
    with living_in(home, made):
        yield settings().operational_path
    databases.drop(made)


def _user(session: Session, email: str) -> User:
    made = User(email=email, profile={"name": email.split("@")[0].title()}, created_at=datetime.now(UTC))
    session.add(made)
    session.flush()
    return made


def _company(slug: str, owner_email: str) -> Organization:
    with writing() as session:
        owner = _user(session, owner_email)
        asked = CreateOrganization(slug=slug, name=slug.title(), owner_user_id=owner.id, owner_name="The owner")
        return create_organization(session, asked)


@pytest.fixture
def acme(store: Path) -> Organization:
    return _company("acme", "ana@acme.test")


@pytest.fixture
def globex(store: Path) -> Organization:
    return _company("globex", "bob@globex.test")


@pytest.fixture
def ana(acme: Organization) -> Actor:
    """The owner of acme."""
    with writing() as session:
        return member_actor(session, acme.id, "ana@acme.test")


@pytest.fixture
def bob(globex: Organization) -> Actor:
    """The owner of globex."""
    with writing() as session:
        return member_actor(session, globex.id, "bob@globex.test")


@pytest.fixture
def vic(acme: Organization) -> Actor:
    """A viewer at acme."""
    with writing() as session:
        row = {
            "id": uuid7(),
            "user_id": _user(session, "vic@acme.test").id,
            "name": "Vic",
            "access_role": AccessRole.VIEWER,
            "is_active": True,
            "metadata": {},
        }
        request = BulkLoad(source="tests", batches=[Batch("memberships", [row])], identities=[])
        bulk_load(session, operator_actor(acme.id), request)
        return member_actor(session, acme.id, "vic@acme.test")


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the parsed business model: dbt runs once."""
    from pipelines.project import ensure_definitions
    from warehouse.extracts.builds import definitions_folder

    before = dict(os.environ)
    try:
        with living_in(tmp_path_factory.mktemp("definitions")):
            return definitions_folder(ensure_definitions())
    finally:
        # Parsing tells dbt where things are through the environment.
        os.environ.clear()
        os.environ.update(before)
        read_models.cache_clear()
