"""How a question was understood, in the words of the semantic layer and in dates."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ml.language.plan import Plan
from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.question import PERIOD, Question

SIGNS = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most", "=": "exactly", "!=": "not"}
MOST_NAMED = 6


def understood(plan: Plan, catalogue: Catalogue, shown: Mapping[tuple[str, str], str]) -> str:
    """One sentence. `shown` tells how people read a dimension's value."""
    question = plan.question
    assert question is not None
    parts = [_listed([catalogue.metrics[name].label for name in question.metrics])]
    cut = [catalogue.dimensions[name].label.lower() for name in question.by]
    cut += [question.grain.replace("_", " ")] if question.grain else []
    parts += [f"by {_listed(cut)}"] if cut else []
    parts += list(_restrictions(question, catalogue, shown))
    stands = all(catalogue.metrics[name].is_stock for name in question.metrics)
    told = " ".join(parts) + f", {window(question, stands=stands)}"
    return told + "".join(f"; {one}" for one in _made(plan, catalogue)) + "."


def _restrictions(question: Question, catalogue: Catalogue, shown: Mapping[tuple[str, str], str]) -> Sequence[str]:
    told = []
    for word, chosen in (("where", question.where), ("without", question.excluding)):
        for name, values in chosen.items():
            named = [shown.get((name, value), value) if value is not None else "unknown" for value in values]
            more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
            is_or = " or ".join(named[:MOST_NAMED]) + more
            label = catalogue.dimensions[name].label.lower()
            told.append(f"where {label} is {is_or}" if word == "where" else f"where {label} is not {is_or}")
    for name, (start, end) in question.within.items():
        told.append(f"{catalogue.dimensions[name].label.lower()} {_days(start, end)}")
    for name, lacking in question.without.items():
        told.append(
            f"where the {catalogue.dimensions[name].label.lower()} has no {catalogue.metrics[lacking].label.lower()}"
        )
    return told


def window(question: Question, *, stands: bool = False) -> str:
    """The days that count, in dates; of what stands, the evening it is told of."""
    if stands and not question.grain:
        last = min(question.as_of, question.end - timedelta(days=1)) if question.end else question.as_of
        return f"on the evening of {_day(last)}"
    if question.start is None and question.end is None:
        return f"all time up to {_day(question.as_of)}"
    return _days(question.start, min(question.end, _next(question.as_of)) if question.end else _next(question.as_of))


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _days(start: date | None, end: date | None) -> str:
    last = end - timedelta(days=1) if end else None
    if start and last:
        return f"on {_day(start)}" if start == last else f"from {_day(start)} to {_day(last)}"
    return f"from {_day(start)} on" if start else f"up to {_day(last)}" if last else "at any time"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _made(plan: Plan, catalogue: Catalogue) -> list[str]:
    """What is made of the rows."""
    question, shape, told = plan.question, plan.shape, []
    assert question is not None
    names = {"share": "its share of the total", "rank": "its rank", "running": "what it has run up to"}
    for made in shape.made:
        within = [catalogue.dimensions[one].label.lower() if one != PERIOD else one for one in made.within]
        told.append(names[made.kind] + (f" within each {' and '.join(within)}" if within else ""))
    for bound in shape.having:
        label = catalogue.metrics[bound.column].label.lower() if bound.column in catalogue.metrics else bound.column
        told.append(f"only those with {SIGNS[bound.operator]} {bound.value.normalize():,f} in {label}")
    limit = question.limit or shape.limit
    if (limit and not plan.change) or question.order:
        first = "smallest" if question.order and not question.order.startswith("-") else "largest"
        if question.order and question.order.removeprefix("-") in question.metrics:
            told.append(f"the {limit} {first}" if limit else f"the {first} first")
    for name, values in plan.only.items():
        told.append(f"of which {' or '.join(values)} ({catalogue.dimensions[name].label.lower()})")
    told += {"count": ["how many there are"], "mean": ["the average of them"]}.get(shape.whole or "", [])
    if plan.missing:
        told.append(f"each {catalogue.dimensions[plan.missing].label.lower()} that has none")
    if plan.steps:
        told.append(f"each {(question.grain or 'period').replace('_', ' ')} compared with the one before")
    if plan.before:
        told.append({"previous": "compared with the period before", "year": "compared with a year before"}[plan.before])
    if plan.change:
        told.append(f"those that went {plan.change}" + (f", the {plan.shape.limit} most" if plan.shape.limit else ""))
    if plan.against:
        told.append(f"compared with the days {_days(plan.against.start, plan.against.end)}")
    return told


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
