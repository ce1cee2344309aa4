"""Runs of a screen in part know who they are for, as whole runs do; and a click in a dialog is use of the sign-in."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from streamlit.testing.v1 import AppTest

from apps.ui.session import RECHECK_SECONDS, WATCH_SECONDS
from tests.apps.ui.conftest import OLIVE, Screens
from tests.houses import ROOT
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import SignInSession

ALONE = re.compile(r"^@st\.(dialog|fragment)\(.*\)\n(.*)\n", re.MULTILINE)
WRAPPED = {"dialog": "@by_click", "fragment": "@by_itself"}


def test_every_part_that_runs_alone_says_who_it_is_for() -> None:
    found = {
        (path.name, kind): after
        for path in (ROOT / "apps" / "ui").rglob("*.py")
        for kind, after in ALONE.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) >= 6
    assert {place: after for place, after in found.items() if after != WRAPPED[place[1]]} == {}


def _part(kind: str, sign_in: str) -> None:
    """What Streamlit runs alone: the body, with nothing of the whole run before it."""
    import streamlit as st

    from apps.ui import reruns
    from warehouse import logs

    st.session_state[reruns.RUN_FOR] = reruns.RunFor("acme", "olive", sign_in)
    wrapped = {"click": reruns.by_click, "itself": reruns.by_itself}[kind]
    wrapped(lambda: st.text(f"{logs.bound('organization')} {logs.bound('user')} {logs.bound('request_id')}"))()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["click", "itself"])
def test_a_part_carries_who_looks_and_only_a_click_is_use(screens: Screens, kind: str) -> None:
    structlog.contextvars.clear_contextvars()
    sign_in, before = screens.signed_in(OLIVE, "demo").session_id, datetime.now(UTC) - timedelta(minutes=5)
    with writing() as session:
        session.get_one(SignInSession, sign_in).last_seen_at = before
    page = AppTest.from_function(_part, args=(kind, sign_in), default_timeout=300).run()
    assert not page.exception
    organization, user, request_id = page.text[0].value.split()
    assert (organization, user, len(request_id)) == ("acme", "olive", 32)
    with reading() as session:
        seen = session.get_one(SignInSession, sign_in).last_seen_at
    assert (seen != before) == (kind == "click")


def test_a_sign_in_that_was_ended_is_over_on_open_screens_within_five_seconds() -> None:
    """A screen looks so often, and what it looks at is at most so old."""
    assert WATCH_SECONDS + RECHECK_SECONDS <= 5
