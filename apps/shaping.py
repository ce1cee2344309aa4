"""The options of `longhouse metric` that make something of its rows."""

import re
from collections.abc import Sequence
from typing import Any

import typer

THRESHOLD = re.compile(r"\s*(\w+)\s*(>=|<=|!=|>|<|=)\s*(-?\d+(?:\.\d+)?)\s*")


def shape_of(
    shares: Sequence[str], ranks: Sequence[str], running: Sequence[str], having: Sequence[str], limit: int | None
) -> Any:
    """The shape that options ask for: METRIC or METRIC:WITHIN,WITHIN for columns, COLUMN>=NUMBER for thresholds."""
    from warehouse.metrics.shape import Made, Shape

    told = {"share": shares, "rank": ranks, "running": running}
    made = [
        Made.model_validate({"kind": kind, "metric": metric, "within": [part for part in within.split(",") if part]})
        for kind, options in told.items()
        for metric, _, within in (one.replace(" ", "").partition(":") for one in options)
    ]
    thresholds = tuple(map(_threshold, having))
    if not made and not thresholds:
        return Shape()
    return Shape(made=tuple(made), having=thresholds, limit=limit)


def _threshold(told: str) -> Any:
    from warehouse.metrics.shape import Threshold

    found = THRESHOLD.fullmatch(told)
    if not found:
        raise typer.BadParameter(f"--having takes COLUMN>=NUMBER, like won_value>=1000, not {told!r}.")
    return Threshold.model_validate({"column": found[1], "operator": found[2], "value": found[3]})


def answered(actor: Any, question: Any, wanted: Any, before: Any) -> tuple[list[Any], Any]:
    """The answers to a question, two where it is compared with the window `before`, and the table made of them."""
    from warehouse.metrics.answer import answer
    from warehouse.metrics.serving import serving_as
    from warehouse.metrics.shape import compare, shape

    if before:
        pair = compare(serving_as(actor), question, before)
        return [pair.now, pair.before], pair.table
    found = answer(serving_as(actor), question)
    return [found], shape(found, wanted)


def lacking_of(told: Sequence[str]) -> dict[str, str]:
    """DIMENSION=METRIC, as `Question.without` takes it."""
    found: dict[str, str] = {}
    for one in told:
        dimension, sign, metric = (part.strip() for part in one.partition("="))
        if not sign or not dimension or not metric:
            raise typer.BadParameter(f"--without takes DIMENSION=METRIC, like customer=activity_count, not {one!r}.")
        found[dimension] = metric
    return found
