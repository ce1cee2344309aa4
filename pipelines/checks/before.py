"""What was there before, as the measure for what came in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from pipelines.checks.suite import Expectation

REST = 0.01
"""The share that values never seen before may take without a word."""


def bounds(expectation: Expectation, came: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> Any:
    """The arguments to ask an expectation with; None where there are too few rows on either side to compare."""
    compared = expectation.against_before
    if compared is None:
        return dict(expectation.kwargs)
    column = expectation.kwargs["column"]
    values, known = _of(column, before), _of(column, came)
    if expectation.type == "expect_column_proportion_of_non_null_values_to_be_between":
        if min(len(before), len(came)) < compared.rows:
            return None
        return expectation.kwargs | _share(len(values) / len(before), compared.drop or 0)
    if min(len(values), len(known)) < compared.rows:
        return None
    if expectation.type == "expect_column_median_to_be_between":
        return expectation.kwargs | _middle(values, compared.times or 1)
    return expectation.kwargs | _partition(values)


def _of(column: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [row[column] for row in rows if row[column] is not None]


def _middle(values: list[Any], times: float) -> dict[str, float]:
    middle = float(median(values))
    return {"min_value": round(middle / times, 4), "max_value": round(middle * times, 4)}


def _share(before: float, drop: float) -> dict[str, float]:
    return {"min_value": round(max(0.0, before - drop), 4)}


def _partition(values: list[Any]) -> dict[str, Any]:
    counts = Counter(map(str, values))
    weights = [count / len(values) for count in counts.values()]
    return {"partition_object": {"values": list(counts), "weights": weights}, "tail_weight_holdout": REST}
