"""Attempts are counted before they are judged, so that many at once are no more than a few."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import SignInAttempt
from warehouse.operations import throttle
from warehouse.operations.throttle import FAILURES, TooManyAttempts, network_of

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ANA = "ana@acme.test"

pytestmark = pytest.mark.usefixtures("store")


def _try(email: str = ANA, address: str = "192.0.2.1", at: datetime = NOW) -> throttle.Verdict:
    with writing() as session:
        attempt = throttle.begin_attempt(session, email, address, at)
    with writing() as session:
        return throttle.judge(session, attempt, at)


def test_of_many_attempts_at_once_no_more_than_five_are_let_through() -> None:
    verdicts: list[throttle.Verdict] = []
    together = threading.Barrier(12)

    def attempt(number: int) -> None:
        together.wait()
        verdicts.append(_try(address=f"192.0.2.{number}"))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(verdicts) == 12
    assert len([one for one in verdicts if not one.is_locked]) <= FAILURES


def test_the_fifth_failure_is_the_one_that_locks() -> None:
    told = [_try(at=NOW + timedelta(minutes=number)) for number in range(6)]
    assert [one.is_last for one in told] == [False, False, False, False, True, False]
    assert [one.is_locked for one in told] == [False] * 5 + [True]
    last = NOW + timedelta(minutes=4)
    assert _try(at=last + timedelta(minutes=14, seconds=59)).is_locked
    assert not _try(at=last + timedelta(minutes=15)).is_locked


def test_an_attempt_that_was_right_does_not_count() -> None:
    for _ in range(10):
        with writing() as session:
            attempt = throttle.begin_attempt(session, ANA, "192.0.2.1", NOW)
        with writing() as session:
            assert not throttle.judge(session, attempt, NOW).is_locked
            throttle.forgive(session, attempt)


def test_a_network_waits_twice_as_long_each_time_and_never_longer_than_its_most() -> None:
    waits = []
    for number in range(34):
        try:
            with reading() as session:
                throttle.refuse_haste(session, "192.0.2.1", NOW)
            waits.append(0)
        except TooManyAttempts as refusal:
            waits.append(refusal.seconds)
        _try(f"somebody{number}@acme.test")
    assert waits[:20] == [0] * 20
    assert waits[20:] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]


def test_what_is_old_is_deleted() -> None:
    _try()
    _try(at=NOW + timedelta(hours=2))
    with reading() as session:
        assert session.query(SignInAttempt).count() == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_an_address_is_counted_under(address: str, network: str) -> None:
    assert network_of(address) == network
