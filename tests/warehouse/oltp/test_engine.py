"""The operational store: one writer at a time, others wait; a transaction is whole or nothing."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from warehouse.oltp import engine as opening
from warehouse.oltp.engine import StoreBusy, StoreMissing, engine, reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import SignInSession, User
from warehouse.settings import settings

NOW = datetime(2026, 5, 20, tzinfo=UTC)


def _user(email: str) -> User:
    return User(email=email, created_at=NOW)


def _emails() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(User.email).order_by(User.email)))


@contextmanager
def _another_writer(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("begin immediate")
        yield connection


def test_what_was_written_is_there_afterwards(store: Path) -> None:
    with writing() as session:
        session.add(_user("ana@acme.test"))
    assert _emails() == ["ana@acme.test"]


@pytest.mark.embedded
def test_a_writer_waits_until_the_one_before_it_is_done(store: Path) -> None:
    events: list[str] = []
    with _another_writer(store) as other:

        def finish() -> None:
            events.append("the other is done")
            other.execute("commit")

        timer = threading.Timer(0.3, finish)
        timer.start()
        with writing() as session:
            session.add(_user("ana@acme.test"))
            session.flush()
            events.append("ana writes")
        timer.join()
    assert events == ["the other is done", "ana writes"]
    assert _emails() == ["ana@acme.test"]


@pytest.mark.embedded
def test_a_lock_held_too_long_is_said_in_words_and_nothing_is_saved(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.1)
    engine.cache_clear()
    with _another_writer(store), pytest.raises(StoreBusy, match="Nothing was saved"), writing() as session:
        session.add(_user("ana@acme.test"))
    assert _emails() == []


def test_another_failure_of_the_store_is_not_called_busy(store: Path) -> None:
    with pytest.raises(Exception, match=r"no such table|does not exist") as failure, writing() as session:
        session.execute(text("select * from nowhere"))
    assert not isinstance(failure.value, StoreBusy)


@pytest.mark.embedded
def test_a_reader_does_not_wait_for_a_writer(store: Path) -> None:
    with _another_writer(store) as other:
        other.execute(
            "insert into users (id, email, profile, preferences, is_operator, is_active, created_at) "
            "values ('1', 'eve@acme.test', '{}', '{}', 0, 1, '2026-05-20 00:00:00.000000')"
        )
        assert _emails() == []
        other.execute("commit")
    assert _emails() == ["eve@acme.test"]


def test_a_reader_sees_one_moment_of_the_store(store: Path) -> None:
    with reading() as session:
        before = session.scalar(select(func.count()).select_from(User))
        with writing() as other:
            other.add(_user("ana@acme.test"))
        assert session.scalar(select(func.count()).select_from(User)) == before


def test_a_failure_halfway_leaves_nothing(store: Path) -> None:
    def fail_halfway() -> None:
        with writing() as session:
            session.add(_user("ana@acme.test"))
            session.flush()
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()
    assert _emails() == []


def test_a_foreign_key_that_leads_nowhere_is_refused(store: Path) -> None:
    with pytest.raises(IntegrityError), writing() as session:
        session.add(SignInSession(user_id=uuid7(), created_at=datetime.now(UTC), expires_at=datetime.now(UTC)))


@pytest.mark.embedded
def test_a_folder_without_a_store_says_how_to_get_one(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    with pytest.raises(StoreMissing, match="longhouse init"), reading():
        pass
