"""A state that lasts is one alert: it fires once, is told to whoever wants it how they want it, and is over once it is back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from warehouse.alerts import Happened, Reading, Standing, amount_in_words, next_standing, read_rule
from warehouse.oltp.alerts import Alert
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import Mail
from warehouse.oltp.notices import HookCall, Notice
from warehouse.operations import alerts, inbox, notifying
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.telling import after_quiet, next_hour
from warehouse.tenancy import Actor
from warehouse.watching import watch

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
OUT = Reading(True, False, Decimal(5), Decimal(10), "r" * 32, "Won value", "money", "in October 2026")
BACK = replace(OUT, is_out=False, is_back=True, value=Decimal(12))
BETWEEN = replace(OUT, is_out=False, is_back=False)
HOUR = timedelta(hours=1)
RULE = {"kind": "threshold", "metric": "won_value", "side": "under", "bound": "10"}


@pytest.mark.parametrize(
    ("was", "found", "minutes", "becomes", "happened"),
    [
        (Standing.OK, OUT, None, Standing.FIRING, Happened.FIRED),
        (Standing.FIRING, OUT, None, Standing.FIRING, None),
        (Standing.ACKNOWLEDGED, OUT, None, Standing.ACKNOWLEDGED, None),
        (Standing.FIRING, BETWEEN, None, Standing.FIRING, None),
        (Standing.OK, BETWEEN, None, Standing.OK, None),
        (Standing.FIRING, BACK, None, Standing.RESOLVED, Happened.RESOLVED),
        (Standing.ACKNOWLEDGED, BACK, None, Standing.RESOLVED, Happened.RESOLVED),
        (Standing.RESOLVED, OUT, 59, Standing.FIRING, Happened.REOPENED),
        (Standing.RESOLVED, OUT, 60, Standing.FIRING, Happened.FIRED),
        (Standing.RESOLVED, BACK, 59, Standing.RESOLVED, None),
    ],
)
def test_where_an_alert_stands_after_a_reading(
    was: Standing, found: Reading, minutes: int | None, becomes: Standing, happened: Happened | None
) -> None:
    resolved = None if minutes is None else NOW - timedelta(minutes=minutes)
    assert next_standing(was, found, NOW, resolved, HOUR) == (becomes, happened)


def _keep(actor: Actor, **more: object) -> str:
    with writing() as session:
        request = alerts.KeepAlert.model_validate({"name": "Too little won", "rule": RULE} | more)
        return alerts.keep_alert(session, actor, request).id


def _read(alert_id: str, found: Reading, now: datetime) -> Happened | None:
    with writing() as session:
        return watch.apply_reading(session, session.get_one(Alert, alert_id), found, now)


def _mails(now: datetime) -> list[tuple[str, str]]:
    with writing() as session:
        inbox.mail_notices(session, now)
    with reading() as session:
        return [(one.recipient, one.subject) for one in session.scalars(select(Mail).order_by(Mail.id))]


def test_a_lasting_state_is_told_once_and_its_end_too(ana: Actor) -> None:
    kept = _keep(ana)
    for hour in range(4):
        _read(kept, OUT, NOW + hour * HOUR)
    assert [subject for _, subject in _mails(NOW + 5 * HOUR)] == ["Longhouse: Too little won"]
    _read(kept, BACK, NOW + 6 * HOUR)
    assert [subject for _, subject in _mails(NOW + 7 * HOUR)][1:] == ["Longhouse: Too little won: back in bounds"]
    with reading() as session:
        happened = [(one.happened, one.value, one.bound) for one in alerts.history_of(session, ana, kept)]
    assert happened == [(Happened.RESOLVED, "12", "10"), (Happened.FIRED, "5", "10")]


def test_what_flaps_within_the_cooldown_is_not_told_again(ana: Actor) -> None:
    kept = _keep(ana, cooldown_minutes=60)
    for minutes, found in ((0, OUT), (5, BACK), (10, OUT), (15, BACK), (20, OUT)):
        _read(kept, found, NOW + timedelta(minutes=minutes))
    with reading() as session:
        kinds = [one.kind for one in session.scalars(select(Notice).order_by(Notice.created_at))]
    assert kinds.count("alert_fired") == 1


def test_who_may_not_see_the_number_is_told_without_it(ana: Actor) -> None:
    kept = _keep(ana)
    _read(kept, replace(OUT, needs=("restricted",)), NOW)
    with reading() as session:
        [notice] = session.scalars(select(Notice).where(Notice.topic == "alert"))
        open_to, closed_to = (inbox.in_words(session, notice, one) for one in (frozenset(), frozenset({"restricted"})))
    assert "5.00 USD" in open_to.text
    assert open_to.receipt is not None
    assert "5.00" not in closed_to.text
    assert closed_to.receipt is None


def test_quiet_hours_hold_mail_and_calls_back_and_what_is_critical_comes_through(ana: Actor) -> None:
    with writing() as session:
        quiet = notifying.ChooseNotifications(channels={}, quiet_from="10:00", quiet_until="14:00")
        notifying.choose_notifications(session, ana, quiet)
        notifying.set_address(session, ana, notifying.SetAddress(address="https://chat.example/x"))
    _read(_keep(ana, name="Small"), OUT, NOW)
    _read(_keep(ana, name="Large", level="critical"), OUT, NOW)
    assert [subject for _, subject in _mails(NOW)] == ["Longhouse: Large"]
    with reading() as session:
        due = sorted(one.next_attempt_at for one in session.scalars(select(HookCall)))
        assert inbox.count_unread(session, ana) == 2, "the screen is quiet by itself"
    assert due == [NOW, NOW + 2 * HOUR]
    assert [subject for _, subject in _mails(NOW + 2 * HOUR)] == ["Longhouse: Large", "Longhouse: Small"]


def test_a_digest_is_one_mail_at_its_hour(ana: Actor) -> None:
    with writing() as session:
        wish = notifying.ChooseNotifications.model_validate({"channels": {"alert": ["digest"]}, "digest_hour": 18})
        notifying.choose_notifications(session, ana, wish)
    for name in ("First", "Second"):
        _read(_keep(ana, name=name), OUT, NOW)
    assert _mails(NOW + 5 * HOUR) == []
    [(_, subject)] = _mails(NOW + 6 * HOUR)
    assert subject == "Longhouse: Acme, 2 things"
    with reading() as session:
        [text] = session.scalars(select(Mail.text))
        assert inbox.count_unread(session, ana) == 0, "whoever wants no screen is not counted at"
    assert "First" in str(text)
    assert "Second" in str(text)


def test_what_somebody_acknowledged_cannot_be_acknowledged_again(ana: Actor) -> None:
    kept = _keep(ana)
    with pytest.raises(NotAllowedNow, match="not firing"), writing() as session:
        alerts.acknowledge_alert(session, ana, alerts.AnAlert(id=kept))
    _read(kept, OUT, NOW)
    with writing() as session:
        alerts.acknowledge_alert(session, ana, alerts.AnAlert(id=kept))
    with pytest.raises(NotAllowedNow, match="already"), writing() as session:
        alerts.acknowledge_alert(session, ana, alerts.AnAlert(id=kept))


def test_another_rule_is_another_question(ana: Actor) -> None:
    kept = _keep(ana)
    _read(kept, OUT, NOW)
    with writing() as session:
        edit = {"id": kept, "version": 1, "name": "Less", "rule": RULE | {"bound": "1"}}
        changed = alerts.edit_alert(session, ana, alerts.EditAlert.model_validate(edit))
        assert (changed.standing, changed.version) == (Standing.RESOLVED, 2)
        assert changed.earlier[0]["rule"]["bound"] == "10"


@pytest.mark.parametrize(
    ("at", "starts", "ends", "until"),
    [
        ("2026-11-29 21:30", "20:00", "07:00", "2026-11-30 07:00"),
        ("2026-11-29 06:59", "20:00", "07:00", "2026-11-29 07:00"),
        ("2026-11-29 07:00", "20:00", "07:00", "2026-11-29 07:00"),
        ("2026-11-29 13:00", "12:00", "14:00", "2026-11-29 14:00"),
        ("2026-11-29 14:00", "12:00", "14:00", "2026-11-29 14:00"),
        # The clocks go forward at two: the night is an hour shorter.
        ("2026-03-29 01:00", "20:00", "07:00", "2026-03-29 07:00"),
    ],
)
def test_quiet_hours_end_by_the_organizations_clock(at: str, starts: str, ends: str, until: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime.fromisoformat(at).replace(tzinfo=berlin).astimezone(UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=berlin).astimezone(UTC)
    assert after_quiet(now, starts, ends, berlin) == expected


def test_the_digests_hour_is_the_next_one_there() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert next_hour(NOW, 13, berlin) == NOW + 24 * HOUR
    assert next_hour(NOW, 14, berlin) == NOW + HOUR


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"kind": "threshold", "metric": "won_value", "side": "beside", "bound": 1}, "side"),
        ({"kind": "change", "metric": "won_value", "side": "rises", "by": 0}, "by"),
        ({"kind": "guess"}, "the whole"),
        ({"kind": "freshness", "hours": 0}, "hours"),
    ],
)
def test_what_is_no_rule_is_refused_with_the_place(told: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_rule(told)


def test_numbers_are_told_with_their_unit() -> None:
    assert amount_in_words(Decimal("12345.5"), "money", "EUR") == "12,345.50 EUR"
    assert amount_in_words(Decimal("0.1234"), "share", "EUR") == "12.3%"
    assert amount_in_words(Decimal(1200), "count", "EUR") == "1,200"
    assert amount_in_words(Decimal("3.5"), "days", "EUR") == "3.5 days"
    assert amount_in_words(None, "count", "EUR") == "unknown"
