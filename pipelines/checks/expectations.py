"""Asks Great Expectations whether rows are as a suite expects; what comes back are counts and ids, never a value."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from pipelines.checks.before import bounds
from pipelines.checks.suite import Expectation, Suite
from warehouse.oltp.organization import Severity
from warehouse.oltp.projection import copied_tables, lake_type

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Finding:
    """What became of one expectation."""

    check: str
    meaning: str
    type: str
    asked: dict[str, Any]
    """The arguments it was asked with."""
    severity: Severity
    passed: bool
    rows: int
    """How many rows were looked at."""
    failing: int = 0
    """How many of them fail; 0 where the expectation speaks of all rows together."""
    ids: tuple[str, ...] = ()
    observed: float | None = None
    """What was measured over all rows together."""
    computed: bool = True
    """False: it could not be asked at all."""


def validate(suite: Suite, came: Rows, before: Rows, today: date) -> list[Finding]:
    """What becomes of each expectation for the rows that came, given some that were there before; in the suite's order.

    Rows are mappings of `suite.columns`. An expectation that compares, and has too few rows to, is left out.
    """
    asked = {one.check: bounds(one, came, before) for one in suite.expectations}
    wanted = [one for one in suite.expectations if asked[one.check] is not None]
    declared = [
        {"type": one.type, "kwargs": _with_moments(asked[one.check]), "meta": {"check": one.check}} for one in wanted
    ]
    results = _ask(suite, declared, came, today)
    return [_finding(one, asked[one.check], results[one.check], len(came)) for one in wanted]


def _ask(suite: Suite, declared: list[dict[str, Any]], came: Rows, today: date) -> dict[str, dict[str, Any]]:
    """Check → its result, as the library describes it."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # several CPU seconds, and needed only here
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("store").add_dataframe_asset(suite.table)
    batch = asset.add_batch_definition_whole_dataframe("came").get_batch({"dataframe": frame(suite, came)})
    outcome = batch.validate(
        gx.ExpectationSuite(name=suite.table, expectations=declared),
        # Ids alone: what a row holds may name a person, and nothing of it is to come back.
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["id"],
            "exclude_unexpected_values": True,
        },
        expectation_parameters={"tomorrow": _moment(today + timedelta(days=1)), "this_year": today.year},
    )
    told: list[Any] = [one.to_json_dict() for one in outcome.results]
    return {one["expectation_config"]["meta"]["check"]: one for one in told}


def frame(suite: Suite, rows: Rows) -> Any:
    """Rows as a pandas frame: numbers as floats and days as moments, an empty column too."""
    import pandas as pd  # heavy, and needed only here

    made = pd.DataFrame([dict(row) for row in rows], columns=suite.columns)
    table = next(table for table in copied_tables() if table.name == suite.table)
    for name in suite.columns:
        kind = lake_type(table.c[name])
        if kind == "DATE":
            made[name] = made[name].astype("datetime64[s]")
        elif kind == "TIMESTAMP":
            made[name] = pd.to_datetime(made[name], utc=True).dt.tz_localize(None)
        elif kind.startswith("DECIMAL") or kind == "INTEGER":
            made[name] = made[name].astype("float64")
    return made


def _with_moments(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Days as the frame has them."""
    return {name: _moment(value) if isinstance(value, date) else value for name, value in kwargs.items()}


def _moment(day: date) -> datetime:
    return datetime.combine(day, time())


def _finding(expectation: Expectation, asked: dict[str, Any], told: dict[str, Any], rows: int) -> Finding:
    result = told.get("result") or {}
    named = result.get("unexpected_index_list") or []
    observed = result.get("observed_value")
    return Finding(
        check=expectation.check,
        meaning=expectation.meaning,
        type=expectation.type,
        # The shares of every value are many, and say less than the distance between them.
        asked={name: value for name, value in asked.items() if name != "partition_object"},
        severity=expectation.severity,
        passed=bool(told["success"]),
        rows=rows,
        failing=int(result.get("unexpected_count") or 0),
        ids=tuple(dict.fromkeys(one for group in named for one in group["id"])),
        observed=float(observed) if expectation.is_about_all and observed is not None else None,
        computed=bool(result),
    )
