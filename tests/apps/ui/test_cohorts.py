"""Cohorts: each square is what the store's own histories say was true on that evening, and can be asked alone."""

import sqlite3
from datetime import date, timedelta

from apps.ui import answers
from apps.ui.parts.cohorts import Stay, stays
from tests.apps.ui.conftest import OLIVE, Screens
from tests.houses import today
from warehouse.metrics.periods import Period, last_complete, shifted
from warehouse.metrics.question import Question
from warehouse.tenancy import Actor

METRIC = "retention_rate"
JOURNEYS = """
    with steps as (
        select step.*, row_number() over (partition by customer_id order by changed_on desc, step.id desc) as back
        from customer_status_changes as step join customers as c on c.id = step.customer_id
        where c.organization_id = ? and c.deleted_at is null
    )
    select
        min(case when to_status = 'customer' then changed_on end),
        max(case when to_status = 'churned' and back = 1 then changed_on end)
    from steps group by customer_id
"""


def asked(screens: Screens) -> tuple[Actor, list[Period], list[Stay]]:
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    last = last_complete(today(), "month")
    trend = [shifted(last, -back) for back in range(11, -1, -1)]
    question = Question(metrics=(METRIC,), grain="month", start=trend[0].start, end=last.end, as_of=today())
    return actor, trend, stays(actor, question, trend, today())


def kept(journeys: list[tuple[date | None, date | None]], cohort: Period, evening: date) -> float | None:
    """The share of a cohort still there on an evening, reckoned from the histories."""
    came = [
        (since, gone) for since, gone in journeys if since and cohort.start <= since < cohort.end and since <= evening
    ]
    if not came:
        return None
    return sum(gone is None or gone > evening for _, gone in came) / len(came)


def test_every_square_is_what_the_histories_say_of_that_evening(screens: Screens) -> None:
    _, trend, found = asked(screens)
    with sqlite3.connect(screens.house.home / "operational.db") as store:
        rows = store.execute(JOURNEYS, [screens.organization("demo")]).fetchall()
    journeys = [tuple(date.fromisoformat(one) if one else None for one in row) for row in rows]
    reckoned = {}
    for number, cohort in enumerate(trend):
        for later, period in enumerate(trend[number:]):
            value = kept(journeys, cohort, min(period.end - timedelta(days=1), today()))  # type: ignore[arg-type]
            if value is not None:
                reckoned[cohort.start, later] = round(value, 6)
    assert {(one.cohort.start, one.later): round(float(one.value), 6) for one in found} == reckoned
    assert len(found) > 20


def test_a_square_asked_alone_is_the_same_number(screens: Screens) -> None:
    actor, _, found = asked(screens)
    for one in (found[0], found[len(found) // 2], found[-1]):
        assert answers.ask(actor, one.question).only(METRIC).value == one.value
