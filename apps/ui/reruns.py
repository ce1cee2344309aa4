"""Runs of a screen, whole or in part: each tells the log who it is for, and a click is use of the sign-in."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from typing import NamedTuple, ParamSpec
from uuid import uuid4

import streamlit as st

from warehouse import logs
from warehouse.oltp.engine import StoreBusy, writing
from warehouse.operations import sessions
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

P = ParamSpec("P")
RUN_FOR = "run_for"
"""Where a tab remembers whom its last whole run was for."""


class RunFor(NamedTuple):
    """Who looks, by ids."""

    organization: str
    user: str
    sign_in: str


def begin_run(who: SignedIn, actor: Actor) -> None:
    """A whole run begins: every line it writes to the log carries who it is for, and an id of its own."""
    st.session_state[RUN_FOR] = RunFor(actor.organization_id, who.user_id, who.session_id)
    _tell_log(st.session_state[RUN_FOR])


def by_click(body: Callable[P, None]) -> Callable[P, None]:
    """For a dialog, which Streamlit runs alone when something in it is clicked, past all that begins a whole run."""

    @wraps(body)
    def run(*given: P.args, **named: P.kwargs) -> None:
        found = _resume()
        if found is not None:
            note_use(found.sign_in)
        body(*given, **named)

    return run


def by_itself(body: Callable[P, None]) -> Callable[P, None]:
    """For a part that Streamlit runs alone from time to time: looking on by itself is no use of a sign-in."""

    @wraps(body)
    def run(*given: P.args, **named: P.kwargs) -> None:
        _resume()
        body(*given, **named)

    return run


def _resume() -> RunFor | None:
    """Tell the log who this part of a run is for, where the whole run has not done it in this thread."""
    found = st.session_state.get(RUN_FOR)
    if not isinstance(found, RunFor):
        return None
    if logs.bound("user") != found.user:
        _tell_log(found)
    return found


def _tell_log(one: RunFor) -> None:
    logs.begin(organization=one.organization, user=one.user, request_id=uuid4().hex)


@st.cache_data(ttl=sessions.SEEN_EVERY, max_entries=2000, show_spinner=False)
def note_use(session_id: str) -> None:
    """Write down that the sign-in is in use, at most once a minute."""
    with suppress(StoreBusy), writing() as session:
        sessions.touch(session, session_id, datetime.now(UTC))
