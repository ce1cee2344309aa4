"""What is made of an answer's rows: shares, ranks, running totals, thresholds; and two windows beside each other."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from warehouse.metrics.answer import Answer, Cell, Line, Plan
from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.question import PERIOD, Question
from warehouse.metrics.shape import Made, NotShapely, Shape, Threshold, _beside, earlier, shape

TODAY = date(2026, 5, 20)
SECTOR = "sector"


@pytest.fixture(scope="module")
def catalogue(definitions: Path) -> Catalogue:
    return Catalogue.read(definitions)


def told(catalogue: Catalogue, keys: list[dict[str, Any]], values: list[Any], **parts: Any) -> Answer:
    """An answer with these rows."""
    question = Question(**{"metrics": ("won_value",), "as_of": TODAY} | parts)
    [metric] = question.metrics
    lines = [Line(key, {metric: Cell(value, 1, 1, 1)}) for key, value in zip(keys, values, strict=True)]
    rows = [line.keys | {metric: line.cells[metric].value} for line in lines]
    return Answer(Plan(question, ""), lines, rows, cast(Any, SimpleNamespace(catalogue=catalogue)))


def by_sector(catalogue: Catalogue, *values: Any, **parts: Any) -> Answer:
    return told(catalogue, [{SECTOR: f"s{n}"} for n in range(len(values))], list(values), by=(SECTOR,), **parts)


def column(found: Answer, name: str, **parts: Any) -> list[Any]:
    return [row[name] for row in shape(found, Shape(**parts)).rows]


def test_shares_are_of_the_total_and_what_is_unknown_has_none(catalogue: Catalogue) -> None:
    found = by_sector(catalogue, Decimal(30), Decimal(10), None)
    made = (Made(kind="share", metric="won_value"),)
    assert column(found, "won_value_share", made=made) == [Decimal("0.75"), Decimal("0.25"), None]


@given(values=st.lists(st.decimals(0, 10**9, places=4), min_size=1, max_size=40))
def test_shares_add_up_to_one(catalogue: Catalogue, values: list[Decimal]) -> None:
    shares = column(by_sector(catalogue, *values), "won_value_share", made=(Made(kind="share", metric="won_value"),))
    assert shares.count(None) == len(values) if not any(values) else abs(sum(shares) - 1) < Decimal("1e-12")


@given(values=st.lists(st.none() | st.integers(-50, 50).map(Decimal), max_size=30))
def test_a_rank_is_one_more_than_how_many_are_larger(catalogue: Catalogue, values: list[Decimal | None]) -> None:
    ranks = column(by_sector(catalogue, *values), "won_value_rank", made=(Made(kind="rank", metric="won_value"),))
    known = [value for value in values if value is not None]
    assert ranks == [None if one is None else 1 + sum(other > one for other in known) for one in values]


def test_each_group_has_its_own_total_ranks_and_start(catalogue: Catalogue) -> None:
    keys = [{SECTOR: sector, PERIOD: month} for sector in ("a", "b") for month in ("2026-01-01", "2026-02-01")]
    found = told(catalogue, keys, [Decimal(n) for n in (1, 3, 5, 5)], by=(SECTOR,), grain="month")
    made = tuple(Made(kind=kind, metric="won_value", within=(SECTOR,)) for kind in ("share", "rank", "running"))
    rows = shape(found, Shape(made=made)).rows
    assert [row["won_value_share"] for row in rows] == [
        Decimal("0.25"),
        Decimal("0.75"),
        Decimal("0.5"),
        Decimal("0.5"),
    ]
    assert [row["won_value_rank"] for row in rows] == [2, 1, 1, 1]
    assert [row["won_value_running"] for row in rows] == [1, 4, 5, 10]


def test_a_running_total_follows_time_whatever_the_order_of_the_rows(catalogue: Catalogue) -> None:
    keys = [{PERIOD: month} for month in ("2026-03-01", "2026-01-01", "2026-02-01")]
    found = told(catalogue, keys, [Decimal(4), Decimal(1), None], grain="month")
    assert column(found, "won_value_running", made=(Made(kind="running", metric="won_value"),)) == [5, 1, 1]


def test_the_best_of_each_group_are_a_threshold_on_a_rank(catalogue: Catalogue) -> None:
    found = by_sector(catalogue, Decimal(1), Decimal(3), None, Decimal(2))
    best = Shape(
        made=(Made(kind="rank", metric="won_value"),),
        having=(Threshold(column="won_value_rank", operator="<=", value=Decimal(2)),),
    )
    assert [row[SECTOR] for row in shape(found, best).rows] == ["s1", "s3"]


def test_a_limit_is_of_what_is_left(catalogue: Catalogue) -> None:
    found = by_sector(catalogue, Decimal(5), Decimal(3), Decimal(4))
    kept = Shape(having=(Threshold(column="won_value", operator="<", value=Decimal(5)),), limit=1)
    assert [row[SECTOR] for row in shape(found, kept).rows] == ["s1"]


@pytest.mark.parametrize(
    ("metric", "kind", "said"),
    [
        ("win_rate", "share", "does not add up"),
        ("active_customers", "running", "does not add up"),
        ("open_pipeline_value", "running", "tells how things stand"),
        ("won_value", "running", "is not asked by period"),
    ],
)
def test_what_would_mean_nothing_is_refused_in_words(catalogue: Catalogue, metric: str, kind: Any, said: str) -> None:
    found = by_sector(catalogue, Decimal(1), metrics=(metric,))
    with pytest.raises(NotShapely, match=said):
        shape(found, Shape(made=(Made(kind=kind, metric=metric),)))


def test_a_column_is_made_once() -> None:
    with pytest.raises(ValidationError, match="the column won_value_rank is asked for twice"):
        Shape(made=(Made(kind="rank", metric="won_value"), Made(kind="rank", metric="won_value", within=(SECTOR,))))


def test_what_is_not_there_is_refused_in_words(catalogue: Catalogue) -> None:
    found = by_sector(catalogue, Decimal(1))
    with pytest.raises(NotShapely, match="is not asked for"):
        shape(found, Shape(made=(Made(kind="rank", metric="deal_count"),)))
    with pytest.raises(NotShapely, match="not grouped by 'country'"):
        shape(found, Shape(made=(Made(kind="rank", metric="won_value", within=("country",)),)))
    with pytest.raises(NotShapely, match="A threshold is put on one of won_value"):
        shape(found, Shape(having=(Threshold(column="win_rate", operator=">", value=Decimal(1)),)))
    with pytest.raises(NotShapely, match="neither totals nor ranks"):
        shape(by_sector(catalogue, Decimal(1), limit=1), Shape(made=(Made(kind="rank", metric="won_value"),)))


@pytest.mark.parametrize(
    ("start", "end", "previous", "year"),
    [
        ("2026-04-01", "2026-07-01", ("2026-01-01", "2026-04-01"), ("2025-04-01", "2025-07-01")),
        ("2026-03-01", "2026-04-01", ("2026-02-01", "2026-03-01"), ("2025-03-01", "2025-04-01")),
        ("2026-03-10", "2026-03-20", ("2026-02-28", "2026-03-10"), ("2025-03-10", "2025-03-20")),
        ("2024-02-01", "2024-02-29", ("2024-01-04", "2024-02-01"), ("2023-02-01", "2023-03-01")),
    ],
)
def test_the_window_before_is_the_whole_one_or_as_many_days(
    start: str, end: str, previous: tuple[str, str], year: tuple[str, str]
) -> None:
    question = Question(
        metrics=("won_value",), start=date.fromisoformat(start), end=date.fromisoformat(end), as_of=TODAY
    )
    for before, wanted in (("previous", previous), ("year", year)):
        then = earlier(question, cast(Any, before))
        assert (str(then.start), str(then.end)) == wanted


def test_a_comparison_needs_a_window() -> None:
    with pytest.raises(NotShapely, match="needs a window"):
        earlier(Question(metrics=("won_value",), as_of=TODAY), "previous")


def test_periods_are_matched_by_their_place_and_groups_that_are_gone_stay(catalogue: Catalogue) -> None:
    now = told(
        catalogue, [{SECTOR: "a", PERIOD: "2026-04-01"}], [Decimal(30)],
        by=(SECTOR,), grain="month", start=date(2026, 4, 1), end=date(2026, 7, 1),
    )  # fmt: skip
    past = told(
        catalogue, [{SECTOR: "a", PERIOD: "2026-01-01"}, {SECTOR: "b", PERIOD: "2026-03-01"}], [Decimal(20), Decimal(7)],
        by=(SECTOR,), grain="month", start=date(2026, 1, 1), end=date(2026, 4, 1),
    )  # fmt: skip
    first, second = _beside(now.plan.question, now, past).rows
    assert (first[PERIOD], first["won_value_change"], first["won_value_change_share"]) == (
        "2026-04-01",
        10,
        Decimal("0.5"),
    )
    assert (second[SECTOR], second[PERIOD], second["won_value"], second["won_value_before"]) == (
        "b",
        "2026-06-01",
        0,
        7,
    )


def test_the_groups_that_are_left_are_counted_summed_or_averaged(catalogue: Catalogue) -> None:
    keys = [{SECTOR: "a"}, {SECTOR: "b"}, {SECTOR: None}, {SECTOR: "c"}]
    found = told(catalogue, keys, [Decimal(3), Decimal(5), Decimal(100), None], by=(SECTOR,))
    assert shape(found, Shape(whole="count")).rows == [{"count": 3}]
    assert shape(found, Shape(whole="mean")).rows == [{"won_value_mean": Decimal(4)}]
    assert shape(found, Shape(whole="sum")).rows == [{"won_value": Decimal(108)}]
    over = (Threshold(column="won_value", operator=">", value=Decimal(4)),)
    assert shape(found, Shape(having=over, whole="count")).rows == [{"count": 1}]


def test_one_number_has_no_groups_to_count(catalogue: Catalogue) -> None:
    with pytest.raises(NotShapely, match="Only groups"):
        shape(told(catalogue, [{}], [Decimal(3)]), Shape(whole="count"))
