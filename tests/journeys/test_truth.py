"""Every metric equals, to the last cent, what plain Python makes of the rows of the store."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from tests.houses import House
from tests.journeys.truth import Span, Truth, day_of
from tests.journeys.truth_metrics import METRICS, Asked, Keep
from warehouse.metrics.answer import answer
from warehouse.metrics.catalogue import Metric, Timing
from warehouse.metrics.question import Question
from warehouse.metrics.serving import Serving, serving
from warehouse.oltp.engine import reading
from warehouse.operations.organization import find_organization

pytestmark = pytest.mark.slow

UNTIL = date(2026, 11, 22)
"""A Sunday within a month: neither the month nor the quarter is over."""
NEARLY = Decimal("1e-9")
"""Medians are interpolated in floating point; everything else is exact."""
HOUSES = {"demo": ("--only", "demo"), "tiny": ()}
"""Preset → which of its companies; one made alone is as it is among the others."""

DAILY = "daily_organization_snapshot"
UNFILLED = {
    "cross_system_insights": "nobody looks for them across rooms yet",
    "predictive_forecasts": "there are no forecasts yet",
    "benchmark_comparisons": "benchmarks are kept, and compared with nothing yet",
    "optimization_recommendations": "they stand on forecasts and scores",
    "alerts_triggered": "there are no alerts yet",
    "custom_dashboards": "there are no dashboards of one's own yet",
    "data_quality_score": "what the checks found is known after the build that makes the row",
}
"""What the daily snapshot has no value for, and why: a list that only gets shorter."""


class Told(NamedTuple):
    """One organization: its answers, and its rows."""

    serving: Serving
    truth: Truth

    def only(self, name: str, **question: Any) -> Decimal | None:
        return exact(answer(self.serving, Question(metrics=(name,), **question)).only(name).value)

    def grouped(self, name: str, key: str, **question: Any) -> dict[Any, Decimal | None]:
        lines = answer(self.serving, Question(metrics=(name,), **question)).lines
        return {line.keys[key]: exact(line.cells[name].value) for line in lines}


@pytest.fixture(scope="module", params=list(HOUSES))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Told]]:
    house = House(tmp_path_factory.mktemp(request.param) / "data")
    house.run("demo", "--preset", request.param, "--until", UNTIL.isoformat(), *HOUSES[request.param])
    assert "0 organizations held back" in house.run("refresh").stderr
    with house.entered():
        with reading() as session:
            ids = {slug: find_organization(session, slug).id for slug in slugs_of(session)}
        yield [Told(serving(one), Truth(house.home / "operational.db", slug)) for slug, one in ids.items()]


def slugs_of(session: Any) -> list[str]:
    from warehouse.operations.organization import list_slugs

    return sorted(list_slugs(session))


def exact(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def same(one: Decimal | None, other: Decimal | None) -> bool:
    """Equal; nothing and zero are the same where a period or a group has no rows."""
    return abs((one or Decimal(0)) - (other or Decimal(0))) <= NEARLY


def months(first: date, last: date) -> Iterator[Span]:
    while first <= last:
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield Span(first, min(last, following - timedelta(days=1)))
        first = following


def test_every_metric_has_a_formula_of_its_own(told: list[Told]) -> None:
    for one in told:
        assert set(one.serving.catalogue.metrics) == set(METRICS)
    assert len(METRICS) >= 60


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_equals_the_truth_in_total_and_by_month(told: list[Told], name: str) -> None:
    for one in told:
        total = METRICS[name](one.truth, Asked(Span(None, UNTIL)))
        assert same(one.only(name, as_of=UNTIL), total), one.truth.organization
        start = date(UNTIL.year - 1, UNTIL.month, 1)
        found = one.grouped(name, "period", grain="month", start=start, as_of=UNTIL)
        for span in months(start, UNTIL):
            assert span.first is not None
            wanted = METRICS[name](one.truth, Asked(span))
            assert same(found.get(span.first.isoformat()), wanted), (one.truth.organization, span)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_equals_the_truth_by_one_dimension(told: list[Told], name: str) -> None:
    for one in told:
        dimension = _dimension(one.serving.catalogue.metric(name))
        if dimension is None:  # two rooms that no word joins: what was spent, and who came
            assert name in {"cost_per_lead", "cac"}
            continue
        found = one.grouped(name, dimension, by=(dimension,), as_of=UNTIL)
        for key, value in found.items():
            wanted = METRICS[name](one.truth, Asked(Span(None, UNTIL), _grouped_by(dimension, key)))
            assert same(value, wanted), (one.truth.organization, dimension, key)


@pytest.mark.parametrize("name", METRICS)
def test_a_stock_equals_the_truth_on_evenings_long_past(told: list[Told], name: str) -> None:
    evenings = [UNTIL, date(2026, 11, 15), date(2026, 9, 30), date(2025, 12, 31), date(2025, 3, 31)]
    for one in told:
        part = one.serving.catalogue.metric(name).parts[0]
        if part.timing is Timing.FLOW:
            continue
        for evening in evenings:
            if part.timing is Timing.MONTH_ENDS and evening == date(2026, 11, 15):
                continue
            wanted = METRICS[name](one.truth, Asked(Span(None, evening)))
            assert same(one.only(name, as_of=evening), wanted), (one.truth.organization, evening)


def test_adoption_is_of_all_active_customers_whatever_they_used(told: list[Told]) -> None:
    for one in told:
        used: dict[str | None, set[str]] = {}
        for row in one.truth.rows("usage_events"):
            on = day_of(row["used_on"])
            if on and UNTIL - timedelta(days=30) < on <= UNTIL:
                used.setdefault(row["feature"], set()).add(row["customer_id"])
        everybody = set().union(*used.values())
        wanted = {feature: Decimal(len(who)) / len(everybody) for feature, who in used.items()}
        found = one.grouped("feature_adoption_rate", "feature", by=("feature",), as_of=UNTIL)
        assert set(found) == set(wanted)
        assert all(same(found[feature], share) for feature, share in wanted.items())


def test_open_deals_of_customers_for_whom_nothing_was_done_lately(told: list[Told]) -> None:
    start, lacking, standing = UNTIL - timedelta(days=30), 0, 0
    for one in told:
        busy = {
            row["customer_id"]
            for row in one.truth.rows("activities")
            if (on := day_of(row["happened_on"])) and start <= on <= UNTIL
        }
        left = [deal for deal, _ in one.truth.pipeline(UNTIL) if deal["customer_id"] not in {*busy, None}]
        asked = {"start": start, "end": UNTIL + timedelta(days=1), "as_of": UNTIL}
        assert one.only("open_deal_count", without={"customer": "activity_count"}, **asked) == len(left) > 0
        lacking, standing = lacking + len(left), standing + len(one.truth.pipeline(UNTIL))
    assert lacking < standing, "nobody did anything"


def test_a_day_of_the_daily_snapshot_is_what_the_metrics_say_of_it(told: list[Told]) -> None:
    for one in told:
        found = one.serving.reader.query("select * from daily_organization_snapshot", tables={DAILY}).records()
        days = {row["report_date"]: row for row in found}
        assert {name for name in found[0] if all(row[name] is None for row in found)} == set(UNFILLED)
        for evening in (UNTIL, date(2026, 11, 15), date(2026, 9, 30)):
            day = max(kept for kept in days if kept <= evening)
            rooms = [json.loads(days[day][name]) for name in days[day] if name.endswith(("_metrics", "_analytics"))]
            assert len(rooms) == 5
            for name, value in (figure for room in rooms for figure in room.items()):
                wanted = one.only(name, start=day, end=day + timedelta(days=1), as_of=day)
                assert same(Decimal(value), wanted), (one.truth.organization, day, name)


def _grouped_by(dimension: str, key: Any) -> Keep:
    return lambda groups: bool(groups.get(dimension) == key)


def _dimension(metric: Metric) -> str | None:
    return next((known for known in ("sector", "campaign", "sales_rep") if known in metric.dimensions), None)
