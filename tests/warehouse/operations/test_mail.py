"""A mail is written with its cause, taken by one process at a time, and tried again until it goes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import Mail
from warehouse.operations.mail import DELAYS, LEASE, Letter, note_failed, note_sent, send_mail, take_due


def _send(subject: str = "hello") -> str:
    with writing() as session:
        return send_mail(session, "ana@acme.test", subject, "a link").id


def _due(at: datetime) -> list[Letter]:
    with writing() as session:
        return take_due(session, at)


def _mail(mail_id: str) -> Mail:
    with reading() as session:
        return session.get_one(Mail, mail_id)


def test_a_mail_whose_cause_fails_was_never_written(store: Path) -> None:
    def fails_after_writing() -> None:
        with writing() as session:
            raise ZeroDivisionError(send_mail(session, "ana@acme.test", "hello", "text").id)

    with pytest.raises(ZeroDivisionError):
        fails_after_writing()
    assert _due(datetime.now(UTC)) == []


def test_a_mail_is_taken_by_one_process_until_its_time_to_send_it_is_over(store: Path) -> None:
    sent, now = _send(), datetime.now(UTC)
    assert _due(now) == [Letter(sent, "ana@acme.test", "hello", "a link")]
    assert _due(now) == []
    assert [one.id for one in _due(now + LEASE)] == [sent]


def test_what_went_is_not_sent_again_and_its_text_is_forgotten(store: Path) -> None:
    sent, now = _send(), datetime.now(UTC)
    with writing() as session:
        note_sent(session, sent, now)
    assert (_mail(sent).sent_at, _mail(sent).text) == (now, None)
    assert _due(now + timedelta(days=9)) == []


def test_what_did_not_go_waits_longer_each_time_and_is_given_up_in_the_end(store: Path) -> None:
    sent, now = _send(), datetime.now(UTC)
    for minutes in DELAYS:
        with writing() as session:
            note_failed(session, sent, "no route", now)
        assert _mail(sent).next_attempt_at == now + timedelta(minutes=minutes)
        now = _mail(sent).next_attempt_at
    with writing() as session:
        note_failed(session, sent, "no route", now)
    assert (_mail(sent).failed_at, _mail(sent).problem) == (now, "no route")
    assert _due(now + timedelta(days=9)) == []


def test_a_subject_stays_one_line(store: Path) -> None:
    assert _mail(_send("hello\r\nBcc: everybody@acme.test")).subject == "hello Bcc: everybody@acme.test"
