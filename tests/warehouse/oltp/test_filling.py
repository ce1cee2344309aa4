"""A store that nobody lives in yet is filled without a log, and is whole or empty all the same."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.houses import ROOT
from warehouse.oltp import engine as opening
from warehouse.oltp.engine import StoreBusy, engine, reading
from warehouse.oltp.filling import filling
from warehouse.oltp.organization import Organization, User
from warehouse.settings import settings

pytestmark = pytest.mark.embedded

KILLED = """
import os, sys
from datetime import UTC, datetime
from sqlalchemy import insert
from warehouse.oltp.filling import filling
from warehouse.oltp.organization import User
now = datetime(2026, 1, 1, tzinfo=UTC)
with filling() as session:
    session.connection().exec_driver_sql("pragma cache_size = 10")
    session.execute(insert(User), [{"email": f"{number}@acme.test", "created_at": now} for number in range(5_000)])
    print(os.path.getsize(sys.argv[1]), flush=True)
    os._exit(9)
"""


def _journal(session: Session) -> str:
    return str(session.connection().exec_driver_sql("pragma main.journal_mode").scalar_one())


def _user(session: Session) -> None:
    session.add(User(email="ana@acme.test", created_at=datetime(2026, 5, 20, tzinfo=UTC)))
    session.flush()


def _twice(session: Session) -> None:
    _user(session)
    _user(session)


def _emails() -> list[str]:
    with reading() as session:
        return [email for (email,) in session.query(User.email)]


def test_a_first_filling_keeps_no_log(store: Path) -> None:
    with filling() as session:
        assert _journal(session) == "delete"
        _user(session)
    with reading() as session:
        assert _journal(session) == "wal"
    assert _emails() == ["ana@acme.test"]


def test_what_fails_leaves_nothing(store: Path) -> None:
    with pytest.raises(IntegrityError), filling() as session:
        _twice(session)
    assert _emails() == []


def test_a_filling_that_is_killed_leaves_nothing(store: Path) -> None:
    engine().dispose()
    before = store.stat().st_size
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(store)], capture_output=True, text=True, cwd=ROOT, timeout=120,
        env=os.environ | {"LONGHOUSE_HOME": str(settings().home)}, check=False,
    )  # fmt: skip
    assert done.returncode == 9, done.stderr
    assert int(done.stdout) > before, "pages were in the file already"
    assert _emails() == []
    with closing(sqlite3.connect(store)) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_store_with_an_organization_keeps_its_log(acme: Organization) -> None:
    with filling() as session:
        assert _journal(session) == "wal"


def test_a_store_that_somebody_has_open_keeps_its_log(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _be_impatient(monkeypatch)
    with closing(sqlite3.connect(store)) as other:
        other.execute("select count(*) from users").fetchone()
        with filling() as session:
            assert _journal(session) == "wal"
            _user(session)
    assert _emails() == ["ana@acme.test"]


def test_whoever_comes_meanwhile_is_told(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _be_impatient(monkeypatch)
    with filling() as session:
        _user(session)
        engine.cache_clear()
        with pytest.raises(StoreBusy, match="Try again"), reading() as other:
            other.query(User.email).all()


def _be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0)
    engine.cache_clear()
