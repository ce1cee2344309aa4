"""A question that makes no sense is refused when it is put, with what would."""

from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from apps.asking import GrainName
from warehouse.metrics.calendar import Calendar, Grain
from warehouse.metrics.question import Question

TODAY = date(2026, 5, 20)


def _ask(**parts: Any) -> Question:
    return Question(**{"metrics": ("won_value",), "as_of": TODAY} | parts)


def test_the_least_one_can_ask_is_a_metric_as_of_a_day() -> None:
    asked = _ask()
    assert (asked.columns, asked.where, asked.limit) == (["won_value"], {}, None)


@given(st.dates(), st.dates())
def test_a_window_has_at_least_a_day(start: date, end: date) -> None:
    if start < end:
        assert _ask(start=start, end=end).end == end
    else:
        with pytest.raises(ValidationError, match="the window is empty"):
            _ask(start=start, end=end)


def test_a_window_may_be_open_on_either_side() -> None:
    assert _ask(start=TODAY).end is None
    assert _ask(end=TODAY).start is None


@pytest.mark.parametrize("parts", [{"metrics": ("won_value", "won_value")}, {"by": ("stage", "sector", "stage")}])
def test_one_thing_is_named_once(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="names one thing twice"):
        _ask(**parts)


@pytest.mark.parametrize("order", ["won_value", "-won_value", "stage", "-stage", "period"])
def test_an_answer_is_ordered_by_one_of_its_columns(order: str) -> None:
    assert _ask(by=("stage",), grain="month", order=order).order == order


@pytest.mark.parametrize("order", ["sector", "-sector", "period", "--won_value", "won_value desc", "1"])
def test_an_order_by_something_else_is_refused_with_the_columns_there_are(order: str) -> None:
    with pytest.raises(ValidationError, match="order by one of stage, won_value"):
        _ask(by=("stage",), order=order)


@pytest.mark.parametrize(
    "parts",
    [
        {"metrics": ()},
        {"metrics": tuple("abcdefg")},
        {"by": tuple("abcde")},
        {"limit": 0},
        {"limit": 50_001},
        {"grain": "decade"},
        {"as_of": "yesterday"},
        {"sql": "select 1"},
    ],
)
def test_what_is_out_of_bounds_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _ask(**parts)


@pytest.mark.parametrize("limit", [1, 50_000])
def test_the_bounds_themselves_are_allowed(limit: int) -> None:
    assert _ask(limit=limit).limit == limit


def test_a_filter_names_at_least_one_value() -> None:
    with pytest.raises(ValidationError, match="stage"):
        _ask(where={"stage": ()})


def test_the_columns_of_an_answer_come_in_one_order() -> None:
    assert _ask(metrics=("won_value", "win_rate"), by=("stage",), grain="month").columns == [
        "stage",
        "period",
        "won_value",
        "win_rate",
    ]


@given(st.permutations(["stage", "sector", "country"]), st.permutations(["a", "b", "c", None]))
def test_the_same_question_reads_the_same_however_its_filters_were_told(names: list[str], values: list[Any]) -> None:
    told = _ask(where={name: tuple(values) for name in names})
    plain = _ask(where=dict.fromkeys(("country", "sector", "stage"), ("a", "b", "c", None)))
    assert told.canonical() == plain.canonical()
    assert list(told.canonical()["where"]) == list(plain.canonical()["where"])


def test_another_question_reads_differently() -> None:
    told = [
        _ask(),
        _ask(by=("stage",)),
        _ask(start=TODAY),
        _ask(where={"stage": ("lead",)}),
        _ask(where={"stage": (None,)}),
        _ask(where={"stage": ("None",)}),
        _ask(limit=1),
        _ask(as_of=date(2026, 5, 21)),
    ]
    assert len({str(one.canonical()) for one in told}) == len(told)


def test_unknown_and_the_word_none_are_told_apart_in_every_order() -> None:
    one, other = _ask(where={"stage": (None, "None")}), _ask(where={"stage": ("None", None)})
    assert one.canonical() == other.canonical()


def test_a_question_cannot_be_changed_once_it_is_put() -> None:
    with pytest.raises(ValidationError):
        _ask().limit = 5


def test_a_calendar_is_told_where_it_matters_and_receipts_of_before_read_the_same() -> None:
    own = Calendar(fiscal_year_start_month=4, week_start=7)
    assert "calendar" not in _ask(grain="month", calendar=own).canonical()
    assert "calendar" not in _ask(calendar=own).canonical()
    for grain in ("week", "fiscal_quarter", "fiscal_year"):
        told = _ask(grain=grain, calendar=own).canonical()
        assert Question.model_validate(told).calendar == own


def test_the_command_line_knows_every_grain_of_a_question() -> None:
    assert [one.value for one in GrainName] == list(get_args(Grain))


def test_what_was_not_asked_reads_as_it_did_before_it_could_be() -> None:
    """Receipts were written before a question could leave values out: theirs stays the same."""
    assert {"each", "excluding", "within", "without"}.isdisjoint(_ask().canonical())
    asked = _ask(excluding={"sector": ("b", "a", None)}, within={"opened_on": (TODAY, None)}, each=True).canonical()
    assert asked["excluding"] == {"sector": [None, "a", "b"]}
    assert asked["within"] == {"opened_on": [TODAY.isoformat(), None]}
    assert Question(**asked).canonical() == asked


@given(st.none() | st.dates(), st.none() | st.dates())
def test_the_bounds_of_another_date_hold_at_least_a_day(start: date | None, end: date | None) -> None:
    if (start or end) and not (start and end and start >= end):
        assert _ask(within={"opened_on": (start, end)}).restricted_by == ("opened_on",)
    else:
        with pytest.raises(ValidationError, match="opened_on"):
            _ask(within={"opened_on": (start, end)})


def test_what_is_left_out_names_a_value() -> None:
    with pytest.raises(ValidationError, match="the filter on sector names no value"):
        _ask(excluding={"sector": ()})
