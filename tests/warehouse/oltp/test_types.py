"""Amounts are exact, times are UTC and identifiers are lowercase, in the file as in Python."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect, create_engine, text
from sqlalchemy.dialects import postgresql, sqlite

from warehouse.oltp.types import MONEY_LIMIT, Id, Moment, Money, MoneyOutOfRange

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()
MOST = Decimal("99999999999999.9999")
AMOUNTS = st.decimals(-MOST, MOST, places=4, allow_nan=False, allow_infinity=False)


def _stored(value: Any, kind: Money | Moment | Id, dialect: Dialect = SQLITE) -> Any:
    return kind.process_bind_param(value, dialect)


@given(AMOUNTS)
def test_an_amount_comes_back_exactly_from_an_integer_in_sqlite(amount: Decimal) -> None:
    kept = _stored(amount, Money())
    assert isinstance(kept, int)
    assert Money().process_result_value(kept, SQLITE) == amount


@given(AMOUNTS)
def test_an_amount_comes_back_exactly_from_a_decimal_in_postgresql(amount: Decimal) -> None:
    kept = _stored(amount, Money(), POSTGRESQL)
    assert isinstance(kept, Decimal)
    assert Money().process_result_value(kept, POSTGRESQL) == amount


@pytest.mark.parametrize("amount", [MOST, -MOST, Decimal("0.0001"), Decimal("-0.0001"), Decimal(0)])
def test_eighteen_digits_survive_a_real_sqlite_column(amount: Decimal) -> None:
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("create table kept (amount bigint)"))
        connection.execute(text("insert into kept values (:amount)"), {"amount": _stored(amount, Money())})
        found = connection.execute(text("select amount, typeof(amount) from kept")).one()
    assert (Money().process_result_value(found[0], SQLITE), found[1]) == (amount, "integer")


@pytest.mark.parametrize("amount", [0.1, 1 / 3, 1e-5, 123456.789012])
def test_a_float_with_dust_is_refused(amount: float) -> None:
    with pytest.raises(MoneyOutOfRange):
        _stored(amount, Money())


@given(st.decimals(min_value=MONEY_LIMIT, max_value=Decimal("1e60"), allow_nan=False) | st.just(Decimal("1e999")))
def test_an_amount_of_more_than_fourteen_digits_is_refused(amount: Decimal) -> None:
    for too_much in (amount, -amount):
        with pytest.raises(MoneyOutOfRange):
            _stored(too_much, Money())


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_amount(amount: str) -> None:
    with pytest.raises(MoneyOutOfRange):
        _stored(Decimal(amount), Money())


@given(st.decimals(-MOST, MOST, places=7, allow_nan=False).filter(lambda d: d != round(d, 4)))
def test_a_fifth_decimal_is_refused_rather_than_rounded(amount: Decimal) -> None:
    with pytest.raises(MoneyOutOfRange):
        _stored(amount, Money())


@pytest.mark.parametrize("kind", [Money(), Moment(), Id()])
def test_unknown_stays_unknown(kind: Money | Moment | Id) -> None:
    assert _stored(None, kind) is None


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()),  # noqa: DTZ001 - bounds
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(moment: datetime) -> None:
    kept = _stored(moment, Moment())
    assert kept.tzinfo is None
    back = Moment().process_result_value(kept, SQLITE)
    assert back is not None
    assert (back, back.tzinfo) == (moment.astimezone(UTC), UTC)


def test_a_moment_is_kept_in_utc_wherever_it_was_said() -> None:
    in_oslo = datetime(2026, 5, 20, 10, tzinfo=timezone(timedelta(hours=2)))
    assert _stored(in_oslo, Moment()).hour == 8


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        _stored(datetime(2026, 5, 20, 10), Moment())  # noqa: DTZ001 - what is refused


@given(st.uuids())
def test_an_identifier_is_kept_in_lowercase(value: Any) -> None:
    assert _stored(str(value).upper(), Id()) == str(value)
