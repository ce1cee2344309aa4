"""What Dagster writes down of a run, over connections that stay open."""

from pathlib import Path

import dagster as dg

from pipelines.event_log import KEPT_OPEN, OpenEventLog
from tests.houses import House


def told(log: OpenEventLog, run_id: str) -> list[str]:
    return [record.event_log_entry.user_message for record in log.get_records_for_run(run_id).records]


def line(run_id: str, said: str) -> dg.EventLogEntry:
    return dg.EventLogEntry(
        error_info=None, level="info", user_message=said, run_id=run_id, timestamp=1.0, dagster_event=None
    )


def test_a_refresh_is_told_in_the_log_that_the_installation_names(built_house: House) -> None:
    from pipelines.project import prepare_environment

    with built_house.entered():
        prepare_environment()
        with dg.DagsterInstance.get() as instance:
            log = instance.event_log_storage
            assert isinstance(log, OpenEventLog)
            (run,) = instance.get_runs()
            model = instance.fetch_materializations(dg.AssetKey(["core", "fct_opportunities"]), limit=1)
            assert [record.run_id for record in model.records] == [run.run_id]
            assert instance.all_logs(run.run_id)


def test_every_line_of_more_runs_than_are_kept_open_is_there_for_another_process(tmp_path: Path) -> None:
    log, runs = OpenEventLog(str(tmp_path)), [f"run-{number}" for number in range(KEPT_OPEN + 3)]
    for said in ("begins", "ends"):
        for run in runs:
            log.store_event(line(run, said))
    other = OpenEventLog(str(tmp_path))
    assert {run: told(other, run) for run in runs} == {run: ["begins", "ends"] for run in runs}


def test_what_was_wiped_is_gone_and_the_log_goes_on(tmp_path: Path) -> None:
    log = OpenEventLog(str(tmp_path))
    log.store_event(line("run", "before"))
    log.wipe()
    log.store_event(line("run", "after"))
    assert told(log, "run") == ["after"]
