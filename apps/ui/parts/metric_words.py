"""Says in words how a metric is computed, from the definition that computes it."""

import re
from typing import Any

from apps.ui.parts.words import THINGS
from warehouse.metrics.catalogue import OPENING, Catalogue, Metric, Timing

HOW = {
    "sum": "The sum of {} of",
    "count": "How many",
    "count_distinct": "How many different {} of",
    "average": "The average {} of",
    "median": "The middle {} of",
    "percentile": "A percentile of {} of",
    "min": "The smallest {} of",
    "max": "The largest {} of",
}
UNITS = {
    "count": "a count",
    "money": "an amount in the organization's currency",
    "share": "a part of a whole, in percent",
    "days": "a length of time in days",
    "minutes": "a length of time in minutes",
    "number": "a number of no unit",
}
BETTER = {"up": ("More is better", ":material/trending_up:"), "down": ("Less is better", ":material/trending_down:")}
NEITHER = ("Neither way is better", ":material/trending_flat:")
WHEN = {
    Timing.FLOW: "what happened within the days asked for, by {}",
    Timing.STOCK: "how things stand on the last evening of the days asked for",
    Timing.MONTH_ENDS: "how things stand at the end of a month, or on the last day",
    Timing.TRAILING: "what happened in the thirty days that end with those asked for",
}
DIMENSION = re.compile(r"\{\{\s*(?:Time)?Dimension\('(?:\w+?__)?(\w+)'[^)]*\)\s*\}\}")
STEPS = {"/": "÷", "*": "×", "-": "−"}


def formula_in_words(known: Catalogue, metric: Metric) -> str:
    """`Won deals ÷ Closed deals`; of a simple metric what is added up, `The sum of amount of deals, where is won`."""
    if metric.kind == "simple":
        return _simple(known, metric)
    told = metric.formula
    for part in sorted(metric.parts, key=lambda one: -len(one.column)):
        named = known.all_metrics[part.name].label + (" at the start" if part.column.endswith(OPENING) else "")
        told = re.sub(rf"\b{re.escape(part.column)}\b", f"“{named}”", told)
    for mark, shown in STEPS.items():
        told = told.replace(f" {mark} ", f" {shown} ")
    return told


def parts_in_words(known: Catalogue, metric: Metric) -> list[tuple[str, str]]:
    """What a computed metric is made of: each part's name and how that is computed; nothing of a simple one."""
    if metric.kind == "simple":
        return []
    parts = [known.all_metrics[part.name] for part in metric.parts]
    return list(dict.fromkeys((part.label, formula_in_words(known, part)) for part in parts))


def timing_in_words(known: Catalogue, metric: Metric) -> str:
    """Which days count."""
    told = known.of_models[metric.parts[0].model].get(metric.default_time)
    day = told.description[:1].lower() + told.description[1:].removesuffix(".") if told else metric.default_time
    return WHEN[metric.parts[0].timing].format(day)


def _simple(known: Catalogue, metric: Metric) -> str:
    [model] = metric.definition["models"].values()
    [measure] = model["measures"]
    aggregated, expression = str(measure["agg"]), str(measure.get("expr") or measure["name"])
    things = THINGS.get(metric.parts[0].model) or metric.parts[0].model.split("_", 1)[-1].replace("_", " ")
    if aggregated == "sum" and expression == "1":
        aggregated = "count"
    told = HOW.get(aggregated, f"{aggregated.capitalize()} of {{}} of").format(_plainly(expression))
    conditions = [_condition(DIMENSION.sub(r"\1", one)) for one in _filters(metric.definition["metric"])]
    where = f", only where {' and '.join(conditions)}" if conditions else ""
    return f"{told} {things}{where}"


def _condition(told: str) -> str:
    """`is_won` → `“is won”`, `is_open = false` → `not “is open”`."""
    without = re.fullmatch(r"\s*(\w+)\s*=\s*false\s*|\s*not\s+(\w+)\s*", told)
    return f"not “{_plainly(without[1] or without[2])}”" if without else f"“{_plainly(told)}”"


def _filters(metric: dict[str, Any]) -> list[str]:
    """The conditions of a simple metric, as the definition writes them."""
    told = (metric.get("filter") or {}).get("where_filters", [])
    inner = (((metric.get("type_params") or {}).get("measure") or {}).get("filter") or {}).get("where_filters", [])
    return [str(one["where_sql_template"]) for one in (*told, *inner)]


def _plainly(expression: str) -> str:
    """An expression as near to plain words as it can be without changing what it says."""
    told = re.sub(r"(\w+)_org\b", r"\1 in the organization's currency", expression)
    return " ".join(told.replace("_", " ").split())
