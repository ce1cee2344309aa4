"""Reads every check of a build and decides whom it holds back."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from warehouse.extracts.builds import definitions_folder
from warehouse.lake.commit import WORKSHOP
from warehouse.lake.connection import Lake
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.settings import settings

BUILD_TAG = "longhouse/build"
SAMPLE = 5
OF_COLUMNS = {"not_null", "relationships"}
"""Tests of several columns: their failing rows say which."""


class BuildFailed(Exception):
    """The model could not be built: a parse error, a broken contract or a failing unit test. Nobody's extract changes."""


@dataclass
class Verdict:
    """What the checks of one build say."""

    results: list[CheckResult] = field(default_factory=list)
    held: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Organization id → checks that hold back its extract."""
    built: list[str] = field(default_factory=list)
    """`schema.table` of every model the build made anew."""


def remember_results(build_id: str, results: dict[str, Any]) -> None:
    """Keep dbt's run results until the gate reads them."""
    folder = settings().home / "workshop" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{build_id}.json").write_text(json.dumps(results), encoding="utf-8")


def judge(lake: Lake, build_id: str, definitions: str, organizations: list[str]) -> Verdict:
    """Every test's outcome, by organization. Raises BuildFailed when something broke for everybody.

    A test that did not run, because nothing it reads has changed, found what it found before: its failing rows are
    still in the workshop.
    """
    path = settings().home / "workshop" / "results" / f"{build_id}.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    path.unlink()
    nodes = json.loads((definitions_folder(definitions) / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    _stop_if_broken(results)
    verdict = Verdict(built=sorted(_built(results, nodes)))
    tests = {name: node for name, node in nodes.items() if node["resource_type"] == "test"}
    lake.attach(settings().workshop_path, WORKSHOP)
    try:
        ran = _ran(results)
        failing = _failures_kept(lake, [node for name, node in tests.items() if name not in ran])
        failing |= {nodes[r["unique_id"]]["alias"] for r in results if r["unique_id"] in tests and r["failures"]}
        for node in tests.values():
            _one_test(lake, verdict, node, build_id, organizations, fails=node["alias"] in failing)
    finally:
        lake.detach(WORKSHOP)
    return verdict


def _ran(results: list[dict[str, Any]]) -> set[str]:
    return {result["unique_id"] for result in results}


def _built(results: list[dict[str, Any]], nodes: dict[str, Any]) -> set[str]:
    ran = [nodes[name] for name in _ran(results) if name in nodes]
    return {f"{node['schema']}.{node['alias']}" for node in ran if node["resource_type"] == "model"}


def _failures_kept(lake: Lake, tests: list[dict[str, Any]]) -> set[str]:
    """Which of these tests left failing rows in the workshop when they ran last."""
    asked = " union all ".join(f"select '{node['alias']}' where exists (from {_failure_table(node)})" for node in tests)
    return {name for (name,) in lake.run(asked)} if asked else set()


def _stop_if_broken(results: list[dict[str, Any]]) -> None:
    broken = [r for r in results if r["status"] in {"error", "fail"}]
    if broken:
        told = "\n".join(f"  {r['unique_id'].split('.')[-1]}: {(r['message'] or '').strip()}" for r in broken)
        raise BuildFailed(f"The business model did not build; every extract stays as it was.\n{told}")


def _one_test(
    lake: Lake, verdict: Verdict, node: dict[str, Any], build_id: str, known: list[str], *, fails: bool
) -> None:
    holds = node["config"]["meta"].get("gate", "hold") == "hold"
    failing = _failing_rows(lake, node) if fails else {}
    for organization, found in failing.items():
        for one in [organization] if organization else known:
            verdict.results.append(_result(node, build_id, one, found, holds=holds))
            if holds:
                verdict.held[one].append(node["name"])
    if not failing:
        verdict.results.append(_result(node, build_id, None, Failing(), holds=holds))


@dataclass(frozen=True)
class Failing:
    """What one test found of one organization."""

    rows: int = 0
    sample: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def _failing_rows(lake: Lake, node: dict[str, Any]) -> dict[str | None, Failing]:
    of_columns = (node.get("test_metadata") or {}).get("name") in OF_COLUMNS
    columns = "list_sort(list(distinct column_name))" if of_columns else "[]::varchar[]"
    rows = lake.run(
        f"select organization_id::varchar, count(*), list(record_id::varchar)[:{SAMPLE}], {columns} "
        f"from {_failure_table(node)} group by 1"
    )
    return {
        organization: Failing(count, [one for one in sample if one], names)
        for organization, count, sample, names in rows
    }


def _failure_table(node: dict[str, Any]) -> str:
    return f'{WORKSHOP}."{node["schema"]}"."{node["alias"]}"'


def _result(
    node: dict[str, Any], build_id: str, organization: str | None, found: Failing, *, holds: bool
) -> CheckResult:
    attached = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), "")
    words = node["name"].replace("_", " ") + (f" ({', '.join(found.columns)})" if found.columns else "")
    return CheckResult(
        organization_id=organization,
        build_id=build_id,
        source="dbt",
        check_name=node["name"],
        subject=attached.split(".")[-1] or None,
        severity=Severity.HOLD if holds else Severity.WARN,
        passed=found.rows == 0,
        rows_failing=found.rows,
        sample_ids=found.sample,
        message=f"{found.rows:,} rows fail: {words}." if found.rows else "",
        checked_at=datetime.now(UTC),
    )
