"""How well questions in plain words are answered: every case of a file asked, and its rows compared with the gold's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, product
from math import isclose
from statistics import quantiles
from time import perf_counter
from typing import Any, Literal

from ml.language.answering import Told, told
from ml.language.cases import Case, CasesUnreadable, Filter, Gold
from ml.language.english import spelled
from ml.language.interpreter import interpret
from ml.language.plan import Plan
from ml.language.work import Asking
from warehouse.extracts.guard import Refused
from warehouse.extracts.process import QueryFailed, TooSlow
from warehouse.metrics.answer import answer
from warehouse.metrics.catalogue import Unknown
from warehouse.metrics.question import Question
from warehouse.metrics.shape import NotShapely

TOLERANCE = 1e-6
MOST_PAIRINGS = 500
"""Ways to pair the columns of an answer with the gold's that are tried."""
Row = tuple[Any, ...]
Outcome = Literal["right", "wrong", "abstained"]


@dataclass(frozen=True)
class Rows:
    """A table to compare: columns and rows, in order."""

    columns: list[str]
    rows: list[Row]


def evaluate(asking: Asking, cases: Sequence[Case]) -> dict[str, Any]:
    """Counts by kind, times in milliseconds, and every case that was not right."""
    # The index of values is read and the compiler made once, before anybody waits for them.
    _asked(asking, Case(id="", question="won deals", kind="answer"), None)
    score, taken, failures = Counter[str](), [], []
    plans: dict[str, Plan] = {}
    for case in cases:
        began = perf_counter()
        plan, found, problem = _asked(asking, case, plans.get(case.follows or ""))
        taken.append(1000 * (perf_counter() - began))
        plans[case.id] = plan
        outcome, why = _judged(asking, case, plan, found, problem)
        score[f"{case.kind}_{outcome}"] += 1
        if outcome != "right":
            failures.append(
                {"id": case.id, "question": case.question, "kind": case.kind, "tags": case.tags, "outcome": outcome}
                | {"told": plan.understood or plan.reason, "why": why}
            )
    kinds = Counter(case.kind for case in cases)
    cuts = quantiles(taken, n=20) if len(taken) > 1 else taken * 19
    return {
        "cases": len(cases),
        "answerable": kinds["answer"],
        "right": score["answer_right"],
        "wrong": score["answer_wrong"],
        "abstained": score["answer_abstained"],
        "clarify_cases": kinds["clarify"],
        "clarify_right": score["clarify_right"],
        "refuse_cases": kinds["refuse"],
        "refuse_right": score["refuse_right"],
        "p50_ms": round(cuts[9], 1) if cuts else 0.0,
        "p95_ms": round(cuts[18], 1) if cuts else 0.0,
        "tokens": 0,
        "cost": 0,
        "failures": failures,
    }


def _asked(asking: Asking, case: Case, previous: Plan | None) -> tuple[Plan, Told | None, str]:
    plan = interpret(asking, case.question, previous)
    if plan.kind != "semantic":
        return plan, None, ""
    try:
        return plan, told(asking.serving, plan, with_ids=True), ""
    except (Unknown, NotShapely) as problem:
        return plan, None, str(problem)


def _judged(asking: Asking, case: Case, plan: Plan, found: Told | None, problem: str) -> tuple[Outcome, str]:
    """What came of a case, and why it is not right."""
    if case.kind != "answer":
        wanted = {"clarify": "clarify", "refuse": "unanswerable"}[case.kind]
        return ("right", "") if plan.kind == wanted else ("wrong", f"{plan.kind}, not {wanted}")
    if found is None:
        return "abstained", problem or plan.reason
    try:
        gold = gold_rows(asking, case)
    except CasesUnreadable as problem_of_gold:
        return "wrong", str(problem_of_gold)
    same = same_rows(gold, our_rows(found), ordered=case.ordered)
    return ("right", "") if same else ("wrong", f"gold has {len(gold.rows)} rows, the answer {len(found.table.rows)}")


def gold_rows(asking: Asking, case: Case) -> Rows:
    """The rows a case should be answered with. Raises CasesUnreadable where its gold cannot be asked."""
    try:
        if case.gold_sql:
            serving = asking.serving
            found = serving.reader.query(case.gold_sql, tables=serving.open_tables())
            return Rows(list(found.columns), [tuple(row) for row in found.rows])
        if case.gold is None:
            raise CasesUnreadable(f"The case {case.id} is to be answered and has no gold.")
        made = answer(asking.serving, _gold_question(asking, case.gold))
    except (Unknown, ValueError, Refused, QueryFailed, TooSlow) as problem:
        raise CasesUnreadable(f"The gold of {case.id} cannot be asked: {problem}") from None
    return Rows(made.columns, [tuple(row[name] for name in made.columns) for row in made.rows])


def _gold_question(asking: Asking, gold: Gold) -> Question:
    where: dict[str, tuple[str | None, ...]] = {}
    excluding: dict[str, tuple[str | None, ...]] = {}
    within: dict[str, tuple[date | None, date | None]] = {}
    for one in gold.where:
        values = tuple(_as_stored(asking, one.field, value) for value in one.values)
        if one.op in {"=", "in"}:
            where[one.field] = values
        elif one.op in {"!=", "not_in"}:
            excluding[one.field] = values
        elif one.op in {"is_null", "not_null"}:
            (where if one.op == "is_null" else excluding)[one.field] = (None,)
        else:
            within[one.field] = _bounded(one, within.get(one.field, (None, None)))
    return Question(
        metrics=tuple(gold.metrics),
        by=tuple(gold.by),
        grain=gold.grain,  # type: ignore[arg-type]
        calendar=asking.calendar,
        where=where,
        excluding=excluding,
        within=within,
        start=gold.start,
        end=gold.end,
        as_of=asking.as_of,
        order=gold.order,
        limit=gold.limit,
    )


def _as_stored(asking: Asking, dimension: str, told: Any) -> str | None:
    """A value as the semantic layer filters by it: people write `Closed won` and `Email`."""
    if told is None:
        return None
    known = [value for value in asking.values.whole.get(spelled(str(told)), ()) if value.dimension == dimension]
    exact = [value.value for value in known if str(told) in {value.value, value.shown}]
    return exact[0] if exact else known[0].value if len(known) == 1 else str(told)


def _bounded(one: Filter, bounds: tuple[date | None, date | None]) -> tuple[date | None, date | None]:
    """Half-open bounds, narrowed by one more comparison."""
    day = date.fromisoformat(str(one.values[0]))
    after = date.fromordinal(day.toordinal() + 1)
    if one.op in {">", ">="}:
        return (after if one.op == ">" else day), bounds[1]
    return bounds[0], (after if one.op == "<=" else day)


def our_rows(found: Told) -> Rows:
    """What a plan was answered with, the ids of people among it: a gold may tell either."""
    columns = list(found.table.columns)
    columns += [name for name in (found.table.rows or [{}])[0] if name not in columns]
    return Rows(columns, [tuple(row.get(name) for name in columns) for row in found.table.rows])


def same_rows(gold: Rows, ours: Rows, *, ordered: bool = False) -> bool:
    """Whether an answer has the gold's rows, whatever its columns are called, and possibly further columns."""
    if len(gold.rows) != len(ours.rows):
        return False
    if not gold.rows:
        return True
    wanted = [[_plain(row[place]) for row in gold.rows] for place in range(len(gold.columns))]
    offered = [[_plain(row[place]) for row in ours.rows] for place in range(len(ours.columns))]
    fits = [[place for place, one in enumerate(offered) if _same_values(column, one)] for column in wanted]
    for chosen in islice(product(*fits), MOST_PAIRINGS):
        if len(set(chosen)) == len(chosen) and _same_table(wanted, [offered[place] for place in chosen], ordered):
            return True
    return False


def _same_values(one: list[Any], other: list[Any]) -> bool:
    return all(_alike(a, b) for a, b in zip(sorted(one, key=_order), sorted(other, key=_order), strict=True))


def _same_table(gold: list[list[Any]], ours: list[list[Any]], ordered: bool) -> bool:
    wanted, offered = list(zip(*gold, strict=True)), list(zip(*ours, strict=True))
    if not ordered:
        wanted, offered = sorted(wanted, key=_row_order), sorted(offered, key=_row_order)
    return all(
        all(_alike(a, b) for a, b in zip(one, other, strict=True)) for one, other in zip(wanted, offered, strict=True)
    )


def _row_order(row: Iterable[Any]) -> tuple[list[Any], list[float]]:
    """Words before numbers, so that numbers that differ by a rounding do not part rows that belong together."""
    cells = list(row)
    words = [(2, 0) if isinstance(value, float) else _order(value) for value in cells]
    return words, [value for value in cells if isinstance(value, float)]


def _order(value: Any) -> tuple[int, Any]:
    if value is None:
        return 0, 0
    return (2, value) if isinstance(value, float) else (1, value)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-9)
    return bool(one == other)


def _plain(value: Any) -> Any:
    """Numbers as floats, days as text, everything else as text."""
    if isinstance(value, bool) or value is None:
        return value if value is None else str(value).lower()
    if isinstance(value, int | float | Decimal):
        return float(value)
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value)
