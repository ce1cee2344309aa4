"""Whatever a person types is a value in the SQL, never a part of it, and never a part of the compiler's template."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from warehouse.metrics.catalogue import Catalogue, Dimension
from warehouse.metrics.compiler import Compiler
from warehouse.metrics.literals import condition, day, text, window

# DuckDB and Python both refuse half of a surrogate pair: it is no character.
WORDS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from("'\"{}%#\\;-/* \n\r\tab"))
STAGE = Dimension("stage", "Stage", "", "category", "fct_opportunities", "opportunity__stage", "stage")
OPENED = Dimension("opened_on", "Opened", "", "date", "fct_opportunities", "opportunity__opened_on", "opened_on")
NASTY = [
    "",
    "'",
    "''",
    "\\'",
    "' or 1=1 --",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# gone #}",
    "a\r\nb\rc\n",
    "\x00",
    "a  \n  b",
    "%s %(x)s $1 ?",
]


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _nasty(test: object) -> object:
    for one in NASTY:
        test = example(one)(test)  # type: ignore[arg-type]
    return test


def _evaluated(engine: duckdb.DuckDBPyConnection, literal: str) -> object:
    found = engine.execute(f"select {literal}").fetchone()
    assert found is not None
    return found[0]


@_nasty
@given(WORDS)
def test_a_text_evaluates_to_exactly_itself(engine: duckdb.DuckDBPyConnection, word: str) -> None:
    assert _evaluated(engine, text(word)) == word


@_nasty
@given(WORDS)
def test_no_brace_of_a_text_reaches_the_template(word: str) -> None:
    assert re.search(r"[{}%#]", text(word)) is None


@given(WORDS, WORDS)
def test_a_text_is_one_value_and_nothing_more(engine: duckdb.DuckDBPyConnection, word: str, other: str) -> None:
    found = engine.execute(f"select {text(word)} as one, {text(other)} as other").fetchall()
    assert found == [(word, other)]


def _told(query_name: str, grain: str = "") -> str:
    return f"<{query_name}>"


@_nasty
@given(WORDS)
def test_the_compilers_template_leaves_a_condition_as_it_was(word: str) -> None:
    template = condition(STAGE, [word, None])
    rendered = jinja2.Template(template).render(Dimension=_told, TimeDimension=_told)
    assert rendered == template.replace("{{ Dimension('opportunity__stage') }}", "<opportunity__stage>")


@given(st.lists(WORDS | st.none(), min_size=1, max_size=6), WORDS | st.none())
def test_a_condition_holds_for_its_alternatives_and_no_others(
    engine: duckdb.DuckDBPyConnection, values: list[str | None], kept: str | None
) -> None:
    where = jinja2.Template(condition(STAGE, values)).render(Dimension=lambda _: "kept")
    found = engine.execute(f"select count(*) from (select ? as kept) where {where}", [kept]).fetchone()
    assert found == (int(kept in values),)


@given(st.dates())
def test_a_day_evaluates_to_itself(engine: duckdb.DuckDBPyConnection, value: date) -> None:
    assert _evaluated(engine, day(value)) == value


def test_a_condition_on_days_takes_nothing_but_days() -> None:
    assert condition(OPENED, ["2026-01-31"]).endswith("in (date '2026-01-31'))")
    with pytest.raises(ValueError, match="isoformat"):
        condition(OPENED, ["2026-01-31' or true --"])


def test_a_window_is_half_open_and_may_be_open_on_either_side() -> None:
    first, last = date(2026, 1, 1), date(2026, 2, 1)
    field = "{{ TimeDimension('metric_time', 'day') }}"
    assert window(first, last) == [f"{field} >= date '2026-01-01'", f"{field} < date '2026-02-01'"]
    assert window(None, last) == [f"{field} < date '2026-02-01'"]
    assert window(None, None) == []


@pytest.fixture(scope="module")
def compiler(definitions: Path) -> Compiler:
    return Compiler(Catalogue.read(definitions).manifest)


@settings(max_examples=15)
@example("a\nb")
@example("a\r\nb")
@example("two  blanks and -- no comment")
@example("{{ Dimension('opportunity__is_won') }}")
@given(WORDS)
def test_a_value_survives_the_whole_way_through_the_compiler(compiler: Compiler, word: str) -> None:
    sql = compiler.compile(["won_value", "win_rate"], ["opportunity__sector"], [condition(STAGE, [word])])
    assert text(word) in sql


DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))


@settings(max_examples=10)
@example(date(201, 1, 2), date(201, 1, 1))
@given(DAYS, DAYS)
def test_a_question_of_other_days_is_the_same_text_with_other_days(compiler: Compiler, first: date, last: date) -> None:
    asked = ("won_value", "win_rate"), ("opportunity__sector",)
    where = (*window(first, last), condition(STAGE, [f"date '{first}'"]))
    assert compiler.compile(*asked, where) == compiler._compile(*asked, where)
    known = compiler._compiled.cache_info().misses
    compiler.compile(*asked, (*window(last, first), where[-1]))
    assert compiler._compiled.cache_info().misses - known <= 1
