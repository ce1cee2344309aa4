"""Failures nobody foresaw: the same ones are one group, with a reference, and none is lost when the store is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from warehouse import logs
from warehouse.oltp.engine import engine, reading
from warehouse.oltp.errors import ErrorGroup
from warehouse.operations import errors
from warehouse.operations.declare import NotFound
from warehouse.operations.errors import count_errors, find_error, keep_error, keep_trace, list_errors
from warehouse.redaction import redacted
from warehouse.settings import settings


class Odd(Exception):
    """Nobody foresaw it."""


def _fails(how: Callable[[], object]) -> Exception:
    try:
        how()
    except Exception as failure:
        return failure
    raise AssertionError("it did not fail")


def _in_our_code() -> Exception:
    """A failure whose innermost frame is our own."""

    class Unprintable:
        def __str__(self) -> str:
            raise Odd("for ana@acme.test")

    return _fails(lambda: redacted(Unprintable()))


def _elsewhere() -> Exception:
    return _fails(lambda: redacted({Odd: 1}, name=3))  # type: ignore[arg-type]


def groups() -> list[ErrorGroup]:
    with reading() as session:
        return list(list_errors(session))


def test_two_failures_alike_are_one_group_with_both_counted(store: Path) -> None:
    first, second = keep_error(_in_our_code(), "request"), keep_error(_in_our_code(), "screen")
    assert first == second
    [group] = groups()
    assert (group.id, group.count, group.source) == (first, 2, "screen")
    assert group.first_at <= group.last_at
    assert group.place == "warehouse/redaction.py:redacted"


def test_one_failure_that_passes_twice_is_counted_once(store: Path) -> None:
    failure = _in_our_code()
    assert keep_error(failure, "screen") == keep_error(failure, "request")
    assert [group.count for group in groups()] == [1]


def test_failures_of_another_kind_or_place_are_another_group(store: Path) -> None:
    assert keep_error(_in_our_code(), "request") != keep_error(_elsewhere(), "request")
    assert len(groups()) == 2


def test_the_same_failure_in_another_release_is_told_apart(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "release", lambda: "1.0.0 (aaaa)")
    keep_error(_in_our_code(), "request")
    monkeypatch.setattr(errors, "release", lambda: "1.0.1 (bbbb)")
    keep_error(_in_our_code(), "request")
    found = groups()
    assert {group.release for group in found} == {"1.0.0 (aaaa)", "1.0.1 (bbbb)"}
    assert len({group.fingerprint for group in found}) == 1
    assert len({group.id for group in found}) == 2


def test_the_last_request_is_remembered_and_nothing_personal_is(store: Path) -> None:
    logs.begin(request_id="request-0001")
    keep_error(_in_our_code(), "request")
    logs.begin()
    [group] = groups()
    assert group.last_request_id == "request-0001"
    assert "ana@acme.test" not in group.message + group.traceback
    assert str(settings().home) not in group.traceback
    assert group.message == "for [e-mail]"


def test_what_a_database_says_keeps_no_value_of_a_row(store: Path) -> None:
    def break_a_rule() -> None:
        with engine().execution_options(writes=True).begin() as connection:
            connection.execute(text("insert into products (name) values (:name)"), {"name": "Rivers"})

    keep_error(_fails(break_a_rule), "job")
    [group] = groups()
    assert "products" in group.message
    assert "Rivers" not in group.message + group.traceback.replace('{"name": "Rivers"}', "")


def test_the_words_another_process_left_are_grouped_by_their_places(store: Path) -> None:
    root = Path(errors.__file__).parents[2]
    trace = f'  File "{root}/pipelines/publish.py", line 7, in gate\n    x\n  File "/lib/x.py", line 1, in y\n    z\n'
    later = trace.replace("line 7", "line 9")
    assert keep_trace("ValueError", "odd", trace, "job") == keep_trace("ValueError", "odd", later, "job")
    [group] = groups()
    assert (group.count, group.place) == (2, "pipelines/publish.py:gate")


def test_a_reference_is_found_by_its_first_characters_and_unknown_ones_are_told(store: Path) -> None:
    reference = keep_error(_in_our_code(), "request")
    with reading() as session:
        assert find_error(session, reference[:6]).id == reference
        assert count_errors(session) == {"request": 1}
        for wrong in ("nope", "", "%"):
            with pytest.raises(NotFound, match="longhouse errors"):
                find_error(session, wrong)


@pytest.mark.embedded
def test_without_a_store_the_trace_goes_to_the_file(store: Path) -> None:
    store.unlink()
    reference = keep_error(_in_our_code(), "request")
    kept = (settings().logs_path / "errors.log").read_text()
    assert reference in kept
    assert "Odd" in kept
    assert "ana@acme.test" not in kept
    assert not store.exists()


@pytest.mark.embedded
def test_a_store_of_an_older_version_loses_nothing(store: Path) -> None:
    with engine().execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("drop table error_groups")
    assert keep_error(_in_our_code(), "job") in (settings().logs_path / "errors.log").read_text()
