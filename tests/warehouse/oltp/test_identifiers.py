"""Identifiers are UUIDs of version 7: they sort by the moment they were made."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from warehouse.oltp.identifiers import EPOCH, uuid7

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def _chance(seed: int) -> Random:
    return Random(seed)


@given(MOMENTS, st.integers())
def test_it_is_marked_as_version_seven_of_the_standard(at: datetime, seed: int) -> None:
    made = UUID(uuid7(at, _chance(seed)))
    assert (made.version, made.variant) == (7, RFC_4122)


@given(MOMENTS, st.integers())
def test_it_begins_with_the_millisecond_it_was_made_in(at: datetime, seed: int) -> None:
    told = UUID(uuid7(at, _chance(seed))).int >> 80
    begun = EPOCH + timedelta(milliseconds=told)
    assert begun <= at < begun + timedelta(milliseconds=1)


@given(MOMENTS, st.timedeltas(timedelta(milliseconds=2), timedelta(days=40_000)), st.integers(), st.integers())
def test_a_later_one_sorts_after_an_earlier_one(at: datetime, later: timedelta, one: int, other: int) -> None:
    assert uuid7(at, _chance(one)) < uuid7(at + later, _chance(other))


@given(MOMENTS, st.integers())
def test_the_same_moment_and_the_same_chance_give_the_same_one(at: datetime, seed: int) -> None:
    assert uuid7(at, _chance(seed)) == uuid7(at, _chance(seed))


def test_two_made_at_once_differ() -> None:
    at = datetime(2026, 5, 20, tzinfo=UTC)
    assert len({uuid7(at) for _ in range(1000)}) == 1000


def test_it_is_lowercase_text_as_the_store_compares_it() -> None:
    made = uuid7()
    assert made == str(UUID(made))
