"""What dbt tells while it builds: everything somebody keeps a log of, and nothing nobody does."""

import io

import pytest
from dbt_common.events.base_types import EventLevel
from dbt_common.events.logger import LoggerConfig
from dbt_common.events.types import Formatting, Note

from pipelines.transform.child import Heard


@pytest.mark.parametrize(
    ("kept", "written"), [(EventLevel.DEBUG, ["a detail", "a fact"]), (EventLevel.INFO, ["a fact"])]
)
def test_details_are_written_where_a_log_of_them_is_kept(kept: EventLevel, written: list[str]) -> None:
    log, heard = io.StringIO(), Heard()
    heard.add_logger(LoggerConfig(name=f"test_{kept.value}", level=kept, output_stream=log))
    heard.fire_event(Formatting(msg="a detail"), level=EventLevel.DEBUG)
    heard.fire_event(Note(msg="a fact"), level=EventLevel.INFO)
    assert [line[10:] for line in log.getvalue().splitlines()] == written


def test_a_detail_nobody_keeps_is_not_even_worded() -> None:
    heard, worded = Heard(), []
    heard.add_callback(worded.append)
    heard.add_logger(LoggerConfig(name="test_unworded", level=EventLevel.INFO, output_stream=io.StringIO()))
    heard.fire_event(Formatting(msg="a detail"), level=EventLevel.DEBUG)
    heard.fire_event(Note(msg="a warning"), level=EventLevel.WARN)
    assert [message.info.msg for message in worded] == ["a warning"]
