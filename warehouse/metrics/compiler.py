"""The only door to MetricFlow: a structured query in, one SQL text out."""

import copy
import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantic_interfaces.transformations.semantic_manifest_transformer import (
    PydanticSemanticManifestTransformer,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from warehouse.metrics.literals import day as day_literal

REMEMBERED = 1_000
"""Queries whose SQL is kept."""
DAY = re.compile(r"date '\d{4}-\d{2}-\d{2}'")
"""A day in a filter, as `warehouse.metrics.literals` writes it."""
ROWS, FINGERPRINT, KNOWN = "__rows", "__fingerprint", "__known"
"""Companions of every simple metric: source rows, the sum of their fingerprints, rows whose value is not null."""
COMPANIONS = ("", ROWS, FINGERPRINT, KNOWN)
"""What is asked of every part: its value, and what it stands on."""


class _Dialect:
    """What the engine asks of a database connection when it only compiles."""

    @property
    def sql_engine_type(self) -> SqlEngine:
        return SqlEngine.DUCKDB

    @property
    def sql_plan_renderer(self) -> SqlPlanRenderer:
        return DuckDbSqlPlanRenderer()


class Compiler:
    """Compiles queries over one semantic manifest; safe to share between threads."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        prepared = _with_companions(_retargeted(copy.deepcopy(manifest)))
        parsed = PydanticSemanticManifest.parse_raw(json.dumps(prepared))
        self._lookup = SemanticManifestLookup(PydanticSemanticManifestTransformer.transform(parsed))
        self._engine = MetricFlowEngine(self._lookup, _Dialect())
        # The engine resets global counters on each query, so that the same question gives the same text.
        self._lock = Lock()
        # Every reader of a dashboard asks the same: compiling is most of what a small answer costs.
        self._compiled = lru_cache(maxsize=REMEMBERED)(self._compile)

    def compile(self, metrics: Sequence[str], group_by: Sequence[str], where: Sequence[str]) -> str:
        """SQL for metric names, the compiler's group-by names and filters made by `warehouse.metrics.literals`.

        Columns come back as the group-by names, then the metric names.
        """
        dateless, days = _without_days(where)
        return _with_days(self._compiled(tuple(metrics), tuple(group_by), dateless), days)

    def _compile(self, metrics: tuple[str, ...], group_by: tuple[str, ...], where: tuple[str, ...]) -> str:
        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics), group_by_names=list(group_by), where_constraints=list(where) or None
        )
        with self._lock:
            return str(self._engine.explain(request).sql_statement.sql)


def _without_days(where: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The filters with a stand-in for each day they name, and the days: the same question tomorrow is compiled already."""
    days: list[str] = []

    def stand_in(found: re.Match[str]) -> str:
        if found[0] not in days:
            days.append(found[0])
        return _stand_in(days.index(found[0]))

    return tuple(DAY.sub(stand_in, one) for one in where), days


def _with_days(sql: str, days: list[str]) -> str:
    meant = {_stand_in(place): day for place, day in enumerate(days)}
    return DAY.sub(lambda found: meant.get(found[0], found[0]), sql)


def _stand_in(place: int) -> str:
    """A day of the third century, of which nobody asks; another for each place."""
    return day_literal(date(201, 1, 1) + timedelta(days=place))


def _retargeted(manifest: dict[str, Any]) -> dict[str, Any]:
    """Every model is `main.<name>`; what `main` is, views decide where the SQL runs."""
    spines = manifest["project_configuration"]["time_spines"]
    for holder in (*manifest["semantic_models"], *spines):
        relation = holder["node_relation"]
        relation |= {"database": None, "schema_name": "main", "relation_name": f'"main"."{relation["alias"]}"'}
    return manifest


def _with_companions(manifest: dict[str, Any]) -> dict[str, Any]:
    """Beside each measure and each simple metric, what a receipt needs, in the same statement."""
    for model in manifest["semantic_models"]:
        model["measures"] += [
            measure
            | {
                "name": measure["name"] + suffix,
                "agg": agg,
                "agg_params": None,
                "expr": expr or measure["expr"] or measure["name"],
            }
            for measure in model["measures"]
            for suffix, agg, expr in ((ROWS, "sum", "1"), (FINGERPRINT, "sum", "row_fingerprint"), (KNOWN, "count", ""))
        ]
    simple = [metric for metric in manifest["metrics"] if metric["type"] == "simple"]
    for metric in simple:
        for suffix in (ROWS, FINGERPRINT, KNOWN):
            twin = copy.deepcopy(metric) | {"name": metric["name"] + suffix}
            params = twin["type_params"]
            for measure in (params["measure"], *params["input_measures"]):
                measure["name"] += suffix
            manifest["metrics"].append(twin)
    return manifest
