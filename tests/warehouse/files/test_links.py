"""A link is good for one file of one organization, for one purpose, until it expires, in the spelling it was made."""

import base64
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse import secrets
from warehouse.files.links import Link, LinkRefused, Verb, link_in, token_of
from warehouse.oltp.files import FileKind
from warehouse.oltp.identifiers import uuid7

pytestmark = [pytest.mark.usefixtures("store"), pytest.mark.embedded]

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CHARACTERS = string.ascii_letters + string.digits + "-_.~!=%+/ \u00e9"
over_one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def _link(**changes: object) -> Link:
    made = Link(uuid7(), uuid7(), Verb.DOWNLOAD, NOW + timedelta(minutes=5), "member", uuid7())
    return replace(made, **changes)  # type: ignore[arg-type]


def _refused(token: str, verb: Verb = Verb.DOWNLOAD, now: datetime = NOW) -> bool:
    try:
        link_in(token, verb, now)
    except LinkRefused:
        return True
    return False


def test_a_link_says_what_it_was_made_for() -> None:
    link = _link(verb=Verb.UPLOAD, kind=FileKind.EXPORT, contains_personal=False, kept_until=NOW)
    assert link_in(token_of(link), Verb.UPLOAD, NOW) == link


def test_a_link_is_good_for_its_purpose_and_its_time_alone() -> None:
    token = token_of(_link())
    assert not _refused(token)
    assert _refused(token, Verb.UPLOAD)
    assert _refused(token, now=NOW + timedelta(minutes=5))


@over_one_store
@given(where=st.integers(0, 10_000), other=st.sampled_from(CHARACTERS))
def test_no_character_of_a_link_can_be_altered_added_or_left_out(where: int, other: str) -> None:
    token = token_of(_link())
    at = where % len(token)
    altered = {token[:at] + other + token[at + 1 :], token[:at] + other + token[at:], token[:at] + token[at + 1 :]}
    assert all(_refused(one) for one in altered - {token})


def test_every_other_spelling_of_a_signature_is_refused() -> None:
    """Base64 leaves bits of the last character unused: several texts are the same bytes."""
    token = token_of(_link())
    body, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    same = [
        spelled
        for last in string.ascii_letters + string.digits + "-_"
        if base64.urlsafe_b64decode((spelled := signature[:-1] + last) + "==") == raw
    ]
    assert len(same) > 1
    assert [spelled for spelled in same if not _refused(f"{body}.{spelled}")] == [signature]


@over_one_store
@given(st.text(max_size=3_000))
def test_no_other_text_is_a_link(text: str) -> None:
    assert _refused(text)


def test_a_link_outlives_one_change_of_key_and_not_the_key_itself() -> None:
    token = token_of(_link())
    secrets.new_current_key()
    assert not _refused(token)
    assert token_of(_link()).partition(".")[0] != token.partition(".")[0]
    secrets.new_current_key()
    secrets.forget_keys(set())
    assert _refused(token)


def test_a_link_names_nobody() -> None:
    token = token_of(_link())
    told = base64.urlsafe_b64decode(token.split(".")[1] + "===")
    assert b"@" not in told
