"""Large companies are made by processes of their own; what they make is what one process makes."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from tests.houses import living_in
from tests.warehouse.demo.frames import SEED, UNTIL, company_of
from warehouse.demo import crew, install, load, parts
from warehouse.demo.choices import Preset
from warehouse.demo.columns import Chunk, chunk
from warehouse.demo.content import Content
from warehouse.demo.crew import MakingFailed, made_by_a_crew
from warehouse.demo.house import Piece, company_chunks
from warehouse.demo.install import Wish
from warehouse.demo.load import DemoResult, Order
from warehouse.demo.parts import Part, in_parts
from warehouse.demo.presets import companies
from warehouse.demo.truth import Truth
from warehouse.oltp.attached import MOST_FILES
from warehouse.oltp.base import Base
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.filling import filling
from warehouse.oltp.organization import ChangeEvent, Organization
from warehouse.oltp.references import DanglingReference
from warehouse.operations.audit_chain import broken_audit_rows

pytestmark = pytest.mark.embedded

OWN = {"organization_id", "change_seq", "password_hash", "updated_at"}
"""What a store gives by itself, and says otherwise each time."""
WISH = Wish(UNTIL, Preset.TINY)


@pytest.fixture
def by_a_crew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Companies of any size are made by a crew, in pieces that do not end where companies do."""
    monkeypatch.setattr(install, "CREW_FROM", 1)
    monkeypatch.setattr(parts, "RANGE", 60)


def _home(empty_store: Path, folder: Path, extensions: Path) -> Path:
    folder.mkdir()
    shutil.copy(empty_store, folder)
    (folder / "extensions").symlink_to(extensions)
    return folder


@pytest.fixture
def home(empty_store: Path, extensions: Path, tmp_path: Path) -> Iterator[Path]:
    folder = _home(empty_store, tmp_path / "home", extensions)
    with living_in(folder):
        yield folder


def _contents(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    with closing(sqlite3.connect(folder / "operational.db")) as store:
        for name, table in Base.metadata.tables.items():
            if name in {"organizations", "audit_events", "change_events", "external_ids"}:
                continue
            kept = ", ".join(f'"{column.name}"' for column in table.c if column.name not in OWN)
            found[name] = sorted(store.execute(f'select {kept} from "{name}"').fetchall(), key=repr)
    return found


def _installed(home: Path, opened: Callable[[], Any] = writing) -> tuple[list[DemoResult], Content]:
    order = Order(seed=SEED, dirty=True, truth=home / "demo_truth")
    with opened() as session:
        return install.install(session, WISH, order), order.content


def _counted_in_pieces() -> Content:
    """A spoilt column of words is texts in the pieces that have a defect, and the hash tells words from texts."""
    content = Content()
    for company, piece in chain.from_iterable(in_parts(list(companies(Preset.TINY, UNTIL, SEED)))):
        for one in company_chunks(company, SEED, Truth(None), dirty=True, piece=piece):
            content.add(company.slug, one)
    return content


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(rows.columns)


def test_a_crew_makes_what_one_process_makes(
    by_a_crew: None, home: Path, empty_store: Path, extensions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every value of every row, each fact of the truth, and what is said of it."""
    results, content = _installed(home, filling)
    alone = _home(empty_store, tmp_path / "alone", extensions)
    monkeypatch.setattr(install, "CREW_FROM", 1_000_000)
    with living_in(alone):
        expected, counted = _installed(alone)
    assert content.rows == counted.rows
    assert content.digest() == _counted_in_pieces().digest()
    assert [(one.slug, one.counts, one.sign_ins) for one in results] == [
        (one.slug, one.counts, one.sign_ins) for one in expected
    ]
    theirs, ours = _contents(alone), _contents(home)
    assert all(ours[table] == rows for table, rows in theirs.items())
    with closing(sqlite3.connect(home / "operational.db")) as store:
        assert store.execute("pragma foreign_key_check").fetchall() == []
    told = {path.relative_to(alone): pl.read_parquet(path) for path in (alone / "demo_truth").glob("*/*.parquet")}
    assert len(told) > 20
    assert all(_in_order(rows).equals(_in_order(pl.read_parquet(home / path))) for path, rows in told.items())


def _none(rows: Chunk) -> np.ndarray:
    return np.zeros(rows.rows, bool)


def test_rows_that_name_nobody_undo_the_load(by_a_crew: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Colleagues are written by the loader itself; makers only name them."""
    monkeypatch.setattr(load, "as_known", lambda members, _users: chunk("memberships", members.columns, _none(members)))
    before = _contents(home)
    with pytest.raises(DanglingReference, match="memberships"):
        _installed(home, filling)
    assert _contents(home) == before


def test_each_company_of_a_crew_is_one_operation(by_a_crew: None, home: Path) -> None:
    results, _ = _installed(home)
    with reading() as session:
        for result in results:
            organization = session.query(Organization).filter_by(slug=result.slug).one()
            loads = session.query(ChangeEvent).filter_by(
                organization_id=organization.id, operation="organization.bulk_load"
            )
            event = loads.one()
            assert event.rows == sum(result.counts.values()) - 1, "the owner came with the organization"
            assert broken_audit_rows(session, organization.id) == []
            connection = session.connection()
            for table in ("customers", "usage_events", "opportunity_stage_changes"):
                found = connection.exec_driver_sql(
                    f"select count(*), min(change_seq), max(change_seq) from {table} where organization_id = ?",
                    (organization.id,),
                ).one()
                assert tuple(found) == (result.counts[table], event.seq, event.seq)
    with closing(sqlite3.connect(home / "operational.db")) as store:
        assert store.execute("pragma foreign_key_check").fetchall() == []


def test_a_load_that_is_cut_off_leaves_nothing(by_a_crew: None, home: Path) -> None:
    before = _contents(home)

    def stop(_result: DemoResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), writing() as session:
        install.install(session, WISH, Order(), stop)
    assert _contents(home) == before
    assert list(home.glob(f"{crew.FOLDER}*")) == []
    results, _ = _installed(home)
    assert all(result.is_new for result in results)


def test_what_a_killed_load_left_behind_goes_with_the_next(by_a_crew: None, home: Path) -> None:
    left = home / f"{crew.FOLDER}of-a-killed-one"
    left.mkdir()
    (left / "part_0.db").write_bytes(b"half")
    _installed(home)
    assert not left.exists()


def test_a_part_that_cannot_be_made_is_told_in_a_sentence(home: Path) -> None:
    company = company_of("inkwell", Preset.TINY)
    part = Part("part_0", home / "nowhere" / "part.db", [(company, Piece(0, 10))], SEED, False, None, None)
    with pytest.raises(MakingFailed, match="nothing was changed"), made_by_a_crew([part]) as made:
        next(made)


def test_a_maker_that_dies_is_told_in_a_sentence(home: Path) -> None:
    company = company_of("inkwell", Preset.TINY)
    part = Part("part_0", home / "part.db", [(company, Piece(0, 10))], SEED, False, None, None)
    maker = crew._Maker()
    maker._process.kill()
    with pytest.raises(MakingFailed, match="ended"):
        maker.make(part)
    maker.end()


@pytest.mark.parametrize("preset", [Preset.TINY, Preset.WIDE, Preset.DEEP])
def test_parts_hold_every_customer_once(preset: Preset) -> None:
    wanted = list(companies(preset, date(2026, 10, 31), SEED))[:500]
    cut = in_parts(wanted)
    assert len(cut) <= MOST_FILES
    ends = {company.slug: 0 for company in wanted}
    for part in cut:
        assert len({company.slug for company, _ in part}) == len(part)
        for company, piece in part:
            assert piece.first == ends[company.slug] < piece.last
            ends[company.slug] = piece.last
    assert ends == {company.slug: company.customers for company in wanted}
