"""Says in words what was asked, and what a check looks at."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from apps.ui import answers
from apps.ui.formats import day, plain
from warehouse.metrics.calendar import MONTHS, Grain
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.periods import period_of
from warehouse.metrics.question import Question
from warehouse.oltp.sales import Stage
from warehouse.oltp.support import Priority
from warehouse.operations.wording import choice_label
from warehouse.tenancy import Actor

WHOLE = (
    ("not_null_", "{} lack nothing they must have"),
    ("relationships_", "what {} point at exists"),
)
"""Checks of a whole table, and of what they say."""
ITS = (
    ("unique_", "none of {} is there twice"),
    ("is_a_stage_", "the stage of {} is a rung of the sales ladder"),
    ("one_row_per_", "{} have one row each"),
)
"""Checks whose name goes on with the columns they look at."""
THINGS = {
    "fct_opportunity_stage_changes": "stage changes",
    "fct_opportunity_close_date_changes": "changes of close dates",
    "fct_opportunities": "deals",
    "fct_invoices": "bills",
    "fct_invoice_lines": "lines of bills",
    "fct_payments": "payments",
    "fct_revenue_schedule": "revenue by month",
    "fct_usage": "uses",
    "fct_recent_usage": "recent uses",
    "fct_quotes": "offers",
    "dim_users": "members",
    "mart_sales__pipeline": "the pipeline",
    "people_customers": "customers' names",
    "people_users": "members' names",
}
"""Tables that are not called as people call what is in them."""

ORDERS: dict[str, tuple[str, ...]] = {
    "stage": tuple(Stage),
    "priority": tuple(Priority),
    "age": ("not due", "1-30 days", "31-60 days", "61-90 days", "over 90 days"),
}
"""Dimensions whose values follow one another in a way that neither size nor alphabet knows."""
WORD = re.compile("[a-z0-9]+(_[a-z0-9]+)+")
"""How our own few words are kept: `how_to`. Names that people gave are left as they are."""


def window_in_words(start: date | None, end: date | None) -> str:
    """`Q4 2017 (1 Oct 2017 to 31 Dec 2017)`; the end is the last day, not the one after."""
    if start is None and end is None:
        return "all time"
    if start is None or end is None:
        return f"since {day(start)}" if start else f"before {day(end)}"
    shown = f"{day(start)} to {day(end - timedelta(days=1))}"
    for grain in MONTHS:
        period = period_of(start, grain)
        if (period.start, period.end) == (start, end):
            return f"{period.label} ({shown})"
    return shown


def grain_in_words(grain: Grain) -> str:
    """`fiscal quarter`."""
    return grain.replace("_", " ")


def question_in_words(actor: Actor, catalogue: Catalogue, question: Question) -> list[tuple[str, str]]:
    """What was asked, part by part: a heading and its words."""
    metrics = [catalogue.metric(name) for name in question.metrics]
    parts = [("Asked for", ", ".join(metric.label for metric in metrics))]
    if question.keys:
        by = [catalogue.dimensions[name].label.lower() for name in question.by]
        by += ["record"] if question.each else []
        parts.append(("By", ", ".join([*by, *([grain_in_words(question.grain)] if question.grain else [])])))
    parts.append(("When", _when(catalogue, question, metrics)))
    for name, values in question.where.items():
        told = [value_in_words(name, word) for word in answers.names(actor, name, values)]
        parts.append((catalogue.dimensions[name].label, " or ".join(map(plain, told))))
    for name, values in question.excluding.items():
        told = [value_in_words(name, word) for word in answers.names(actor, name, values)]
        parts.append((f"{catalogue.dimensions[name].label} not", " or ".join(map(plain, told))))
    for name, (start, end) in question.within.items():
        parts.append((catalogue.dimensions[name].label, window_in_words(start, end)))
    for name, lacking in question.without.items():
        parts.append(
            ("Without", f"a {catalogue.dimensions[name].label.lower()} with {catalogue.metric(lacking).label.lower()}")
        )
    as_of = ("As of", f"{day(question.as_of)}; nothing that happened later counts")
    return parts if _is_moment(question, metrics) else [*parts, as_of]


def _is_moment(question: Question, metrics: list[Metric]) -> bool:
    return question.start is None and all(metric.is_stock for metric in metrics)


def _when(catalogue: Catalogue, question: Question, metrics: list[Metric]) -> str:
    window = window_in_words(question.start, question.end)
    if _is_moment(question, metrics):
        return f"as it stood on {day(question.as_of)}"
    days = dict.fromkeys(_day_of(catalogue, metric) for metric in metrics)
    return f"{window}, by {' or '.join(days)}"


def _day_of(catalogue: Catalogue, metric: Metric) -> str:
    """`the day it was won or lost`."""
    told = catalogue.of_models[metric.parts[0].model].get(metric.default_time)
    return told.description[0].lower() + told.description[1:].removesuffix(".") if told else "day"


def value_in_words(dimension: str, value: str | None) -> str:
    """A value of a dimension as people write it."""
    if value is None:
        return "unknown"
    if dimension == "stage" and value in set(Stage):
        return Stage(value).label
    return choice_label(value) if WORD.fullmatch(value) else value


def in_order(dimension: str, values: Iterable[str | None]) -> list[str | None]:
    """The values of a dimension that has an order of its own, in it; others come after, by the alphabet."""
    known = {value: place for place, value in enumerate(ORDERS.get(dimension, ()))}
    return sorted(values, key=lambda one: (one is None, known.get(str(one), len(known)), str(one).casefold()))


def check_in_words(name: str, subject: str = "") -> str:
    """`not_null_fct_opportunities` → `deals lack nothing they must have`."""
    if name.startswith("assert_"):
        return name.removeprefix("assert_").replace("_", " ")
    for prefix, told in WHOLE:
        if name.startswith(prefix):
            return told.format(_thing(name.removeprefix(prefix)))
    for prefix, told in ITS:
        if name.startswith(prefix):
            return told.format(_thing(subject or _table(name.removeprefix(prefix))))
    return " ".join(filter(None, (name.replace("_", " "), f"({subject})" if subject else "")))


def _table(rest: str) -> str:
    """The table that a check's name begins with, as far as it is known; the longest one."""
    return max((table for table in THINGS if rest.startswith(table)), key=len, default=rest)


def _thing(table: str) -> str:
    return THINGS.get(table) or table.removeprefix("fct_").removeprefix("dim_").replace("_", " ")
