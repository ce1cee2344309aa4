"""Says in words what was asked, and what a check looks at."""

from datetime import date, timedelta

from apps.ui import answers
from apps.ui.formats import day, plain
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.periods import MONTHS, period_of
from warehouse.metrics.question import Question
from warehouse.oltp.sales import Stage
from warehouse.tenancy import Actor

CHECKS = (
    ("not_null_", "is never missing"),
    ("relationships_", "points at a record that exists"),
    ("is_a_stage_", "is a rung of the sales ladder"),
    ("accepted_values_", "is one of the values we know"),
)
THINGS = {
    "fct_opportunity_stage_changes": "stage changes",
    "fct_opportunities": "deals",
    "fct_activities": "activities",
    "dim_customers": "customers",
    "dim_products": "products",
    "dim_users": "members",
    "mart_sales__pipeline": "the pipeline",
    "people_customers": "customers' names",
    "people_users": "members' names",
}


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


def question_in_words(actor: Actor, catalogue: Catalogue, question: Question) -> list[tuple[str, str]]:
    """What was asked, part by part: a heading and its words."""
    metrics = [catalogue.metric(name) for name in question.metrics]
    parts = [("Asked for", ", ".join(metric.label for metric in metrics))]
    if question.by or question.grain:
        by = [catalogue.dimensions[name].label.lower() for name in question.by]
        parts.append(("By", ", ".join([*by, *([question.grain] if question.grain else [])])))
    parts.append(("When", _when(question, metrics)))
    for name, values in question.where.items():
        told = [value_in_words(name, word) for word in answers.names(actor, name, values)]
        parts.append((catalogue.dimensions[name].label, " or ".join(map(plain, told))))
    as_of = ("As of", f"{day(question.as_of)}; nothing that happened later counts")
    return parts if _is_moment(question, metrics) else [*parts, as_of]


def _is_moment(question: Question, metrics: list[Metric]) -> bool:
    return question.start is None and all(metric.is_stock for metric in metrics)


def _when(question: Question, metrics: list[Metric]) -> str:
    window = window_in_words(question.start, question.end)
    if _is_moment(question, metrics):
        return f"as it stood on {day(question.as_of)}"
    times = sorted({metric.default_time for metric in metrics})
    return f"{window}, by the day it was {' or '.join(time.removesuffix('_on') for time in times)}"


def value_in_words(dimension: str, value: str | None) -> str:
    """A value of a dimension as people write it."""
    if value is None:
        return "unknown"
    return Stage(value).label if dimension == "stage" and value in set(Stage) else value


def check_in_words(name: str, subject: str = "") -> str:
    """`not_null_fct_opportunities_stage` → `stage of deals is never missing`."""
    if name.startswith("assert_"):
        return name.removeprefix("assert_").replace("_", " ")
    if name.startswith("unique_"):
        return f"none of {_of_column(name.removeprefix('unique_'), '').split(' of ')[-1].strip()} is there twice"
    for prefix, told in CHECKS:
        if name.startswith(prefix):
            return _of_column(name.removeprefix(prefix), told)
    return " ".join(filter(None, (name.replace("_", " "), f"({subject})" if subject else "")))


def _of_column(rest: str, told: str) -> str:
    for table, thing in THINGS.items():
        if rest.startswith(table):
            column = rest.removeprefix(table).strip("_").split("__")[0]
            return f"{column.removesuffix('_id').replace('_', ' ')} of {thing} {told}"
    return f"{rest.replace('_', ' ')} {told}"
