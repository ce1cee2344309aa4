"""One line per thing that happened: who by id, how long, how it ended; readable by programs, without secrets."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from warehouse import logs
from warehouse.oltp.engine import writing
from warehouse.operations.sales import CreateOpportunity, create_opportunity
from warehouse.settings import settings
from warehouse.tenancy import Actor, Forbidden


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The process's loggers are everybody's."""
    names = (None, logs.OURS)
    kept = [(one, list(one.handlers), one.level, one.propagate) for one in map(logging.getLogger, names)]
    yield
    for one, handlers, level, propagate in kept:
        one.handlers[:], one.level, one.propagate = handlers, level, propagate
        one.manager._clear_cache()
    logs.begin()


def lines(written: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.splitlines()]


def test_a_line_has_its_fields_in_order_and_the_ids_of_its_task() -> None:
    stream = io.StringIO()
    logs.to_stream(stream)
    logs.begin(organization="o-1", user="u-1", request_id="r-1")
    logs.add(run_id="b-1", user=None)
    logs.log("tests").info("something", rows=3, duration_ms=1.5)
    [line] = lines(stream.getvalue())
    assert list(line)[:8] == list(logs.FIRST)
    assert (line["event"], line["organization"], line["user"], line["request_id"]) == ("something", "o-1", "u-1", "r-1")
    assert (line["run_id"], line["rows"], line["level"]) == ("b-1", 3, "info")


def test_another_librarys_line_comes_in_the_same_form_with_its_trace_redacted() -> None:
    stream = io.StringIO()
    logs.to_stream(stream)
    try:
        raise ValueError("mail to ana@acme.test")
    except ValueError:
        logging.getLogger("another.library").exception("It failed for %s", "bob@globex.test")
    [line] = lines(stream.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("It failed for [e-mail]", "error", "another.library")
    assert "ValueError: mail to [e-mail]" in line["exception"]


def test_one_event_is_one_line_whatever_is_in_it() -> None:
    stream = io.StringIO()
    logs.to_stream(stream)
    logs.log("tests").info("a\nforged line", name="x\r\ny\x00", path=Path("/x"))
    assert len(lines(stream.getvalue())) == 1


def test_a_person_at_a_terminal_reads_no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    logs.to_stream(stream)
    logs.log("tests").info("something", password="hunter2")
    assert "something" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    monkeypatch.setenv("LONGHOUSE_LOG_FORMAT", "json")
    settings.cache_clear()
    logs.to_stream(programs := Terminal())
    logs.log("tests").info("something")
    assert lines(programs.getvalue())[0]["event"] == "something"
    monkeypatch.undo()
    settings.cache_clear()


def test_a_library_that_prints_by_itself_is_adopted() -> None:
    talker, own = logging.getLogger("talker.part"), io.StringIO()
    talker.addHandler(logging.StreamHandler(own))
    talker.propagate = False
    logs.to_stream(stream := io.StringIO())
    logs.adopt("talker")
    talker.warning("hello")
    assert own.getvalue() == ""
    assert lines(stream.getvalue())[0]["event"] == "hello"


def test_a_log_file_is_made_with_its_first_line_and_nothing_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path / "data"))
    settings.cache_clear()
    logs.to_file("commands")
    assert not (tmp_path / "data").exists()
    logs.log("tests").warning("something")
    assert lines((tmp_path / "data" / "logs" / "commands.log").read_text())[0]["event"] == "something"
    assert capfd.readouterr() == ("", "")
    monkeypatch.undo()
    settings.cache_clear()


def test_an_operation_is_one_line_with_ids_and_no_value(ana: Actor) -> None:
    logs.to_stream(stream := io.StringIO())
    with writing() as session:
        made = create_opportunity(session, ana, CreateOpportunity(name="Ana Rivers' boat"))
    [line] = [line for line in lines(stream.getvalue()) if line["event"] == "operation"]
    assert (line["operation"], line["outcome"], line["rows"]) == ("sales.create_opportunity", "ok", 1)
    assert (line["organization"], line["by"], line["entity_id"]) == (ana.organization_id, ana.membership_id, made.id)
    assert line["duration_ms"] > 0
    assert "boat" not in stream.getvalue()


def test_a_refused_operation_says_so(vic: Actor) -> None:
    logs.to_stream(stream := io.StringIO())
    with pytest.raises(Forbidden), writing() as session:
        create_opportunity(session, vic, CreateOpportunity(name="x"))
    assert [line["outcome"] for line in lines(stream.getvalue())] == ["Forbidden"]
