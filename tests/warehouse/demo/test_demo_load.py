"""The demo company is loaded once, whole, and only where it is wanted."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from tests.houses import living_in
from tests.warehouse.demo.frames import told
from warehouse.demo.choices import Preset
from warehouse.demo.content import Content
from warehouse.demo.install import FIRST, UnknownCompany, Wish, install
from warehouse.demo.load import DemoNotInProduction, DemoResult, DemoSlugTaken, Order
from warehouse.demo.sign_ins import DEMO_PASSWORD
from warehouse.oltp.base import Base
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import ChangeEvent, Membership, Organization, User
from warehouse.oltp.sales import Opportunity, Stage
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.identity import check_sign_in
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings

UNTIL = date(2026, 10, 31)


def _load(session: Session, until: date = UNTIL) -> DemoResult:
    (result,) = install(session, Wish(until, Preset.TINY, only=FIRST), Order())
    return result


@pytest.fixture(scope="module")
def first_load(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoResult]:
    """The demo loaded once; tests work on copies of its file."""
    folder = tmp_path_factory.mktemp("loaded")
    shutil.copy(empty_store, folder)
    with living_in(folder), writing() as session:
        result = _load(session)
    return folder / "operational.db", result


@pytest.fixture
def home(empty_store: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder with an empty store."""
    shutil.copy(empty_store, tmp_path)
    with living_in(tmp_path):
        yield tmp_path


@pytest.fixture
def loaded(tmp_path: Path, first_load: tuple[Path, DemoResult]) -> Iterator[DemoResult]:
    """A data folder with the demo in its store, and what loading it said."""
    store, result = first_load
    shutil.copy(store, tmp_path)
    with living_in(tmp_path):
        yield result


def _contents(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(folder / "operational.db")) as store:
        return {table: store.execute(f"select * from {table} order by 1").fetchall() for table in Base.metadata.tables}


def test_loading_writes_every_row(loaded: DemoResult) -> None:
    tables = told("demo", Preset.TINY, UNTIL).tables
    assert loaded.is_new
    assert loaded.counts == {name: rows.height for name, rows in tables.items() if name != "users" and rows.height}
    with reading() as session:
        won = select(func.sum(Opportunity.amount)).where(Opportunity.stage == Stage.CLOSED_WON)
        generated = tables["opportunities"].filter(pl.col("stage") == "closed_won")["amount"].sum()
        assert session.scalar(won) == Decimal(generated).scaleb(-4)
        first = tables["customers"].row(0, named=True)
        customer = session.get_one(Customer, first["id"])
        assert customer.created_at == first["created_at"].replace(tzinfo=UTC)
        assert (customer.name, customer.email) == (first["name"], first["email"])


def test_what_is_in_the_store_is_what_was_generated(loaded: DemoResult, tmp_path: Path) -> None:
    """Every value of every column, as the store keeps it."""
    with closing(sqlite3.connect(tmp_path / "operational.db")) as store:
        for table, rows in told("demo", Preset.TINY, UNTIL).tables.items():
            if table in {"users", "memberships"}:
                continue
            names = [name for name in rows.columns if name != "deleted_at"]
            quoted = ", ".join(f'"{name}"' for name in names)
            kept = store.execute(f"select {quoted} from {table} order by id").fetchall()
            expected = [tuple(_as_kept(value) for value in row) for row in rows.select(names).sort("id").iter_rows()]
            assert kept == expected, table


def _as_kept(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def test_indexes_are_all_there_after_loading(loaded: DemoResult, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "operational.db")) as store:
        there = {name for (name,) in store.execute("select name from sqlite_master where type = 'index'")}
    wanted = {str(index.name) for table in Base.metadata.tables.values() for index in table.indexes}
    assert wanted <= there


def test_rows_are_counted_into_one_hash(home: Path) -> None:
    alone, beside = Content(), Content()
    with writing() as session:
        install(session, Wish(UNTIL, Preset.TINY, only="inkwell"), Order(content=alone))
        install(session, Wish(UNTIL, Preset.TINY), Order(content=beside))
        again = install(session, Wish(UNTIL, Preset.TINY), Order())
    assert not any(one.is_new for one in again)
    assert alone.rows["customers"] < beside.rows["customers"]
    assert len({alone.digest(), beside.digest(), Content().digest()}) == 3


def test_a_company_nobody_knows_is_told(home: Path) -> None:
    with writing() as session, pytest.raises(UnknownCompany, match="tiny has no company 'nobody'"):
        install(session, Wish(UNTIL, Preset.TINY, only="nobody"), Order())


def test_what_is_true_is_kept_beside_the_store(home: Path) -> None:
    with writing() as session:
        (result,) = install(session, Wish(UNTIL, Preset.TINY, only=FIRST), Order(dirty=True, truth=home / "demo_truth"))
    assert result.truth == home / "demo_truth" / "demo"
    kept = {path.stem for path in result.truth.glob("*.parquet")}
    assert kept >= {"lead", "win", "churn", "late_payment", "routing", "merges", "campaign_lift", "truth_defects"}


def test_loading_is_one_operation_in_an_unbroken_audit(loaded: DemoResult) -> None:
    with reading() as session:
        operations = session.scalars(select(ChangeEvent.operation).order_by(ChangeEvent.seq)).all()
        assert operations == ["organization.create_organization", "organization.bulk_load"]
        assert broken_audit_rows(session, session.scalars(select(Organization.id)).one()) == []


def test_foreign_keys_hold(loaded: DemoResult, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "operational.db")) as store:
        assert store.execute("pragma foreign_key_check").fetchall() == []


def test_everyone_but_the_owner_reports_to_someone(loaded: DemoResult) -> None:
    with reading() as session:
        members = session.scalars(select(Membership)).all()
        assert [member.name for member in members if member.manager_id is None] == ["Olive Oakbeam"]


def test_loading_twice_changes_nothing_and_says_so(loaded: DemoResult, tmp_path: Path) -> None:
    before = _contents(tmp_path)
    with writing() as session:
        second = _load(session, UNTIL + timedelta(days=1))
    assert _contents(tmp_path) == before
    assert not second.is_new
    assert "nothing was changed" in second.sentence
    assert second.sign_ins == loaded.sign_ins


def test_an_owner_a_seller_and_a_viewer_can_sign_in(loaded: DemoResult) -> None:
    assert loaded.sign_ins[0] == ("olive@demo.example", "owner", DEMO_PASSWORD)
    assert {"owner", "member", "viewer"} == {sign_in.role for sign_in in loaded.sign_ins}
    with reading() as session:
        assert all(check_sign_in(session, sign_in.email, DEMO_PASSWORD) for sign_in in loaded.sign_ins)


def test_a_person_who_was_here_before_keeps_their_password(home: Path) -> None:
    with writing() as session:
        session.add(User(email="sam@demo.example", created_at=datetime.fromisoformat("2020-01-01T00:00:00+00:00")))
        session.flush()
        result = _load(session)
        assert ("sam@demo.example", "member", None) in result.sign_ins
        sam = session.scalars(select(User).where(User.email == "sam@demo.example")).one()
        assert session.scalars(select(Membership).where(Membership.user_id == sam.id)).one().name == "Sam Sampleton"


def test_production_refuses_the_demo(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGHOUSE_ENVIRONMENT", "production")
    settings.cache_clear()
    with writing() as session, pytest.raises(DemoNotInProduction, match="LONGHOUSE_ENVIRONMENT"):
        _load(session)


def test_an_organization_that_happens_to_be_called_demo_is_left_alone(home: Path) -> None:
    with writing() as session:
        ana = User(email="ana@acme.example", created_at=datetime.fromisoformat("2020-01-01T00:00:00+00:00"))
        session.add(ana)
        session.flush()
        request = CreateOrganization(slug="demo", name="Acme trial", owner_user_id=ana.id, owner_name="Ana")
        create_organization(session, request)
    with writing() as session, pytest.raises(DemoSlugTaken, match="demo"):
        _load(session)
