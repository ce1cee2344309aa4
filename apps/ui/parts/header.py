"""Top of every screen with numbers: whose they are, how fresh, and whether they can be trusted."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from apps.children import clock_runs
from apps.ui import formats
from apps.ui.parts.bell import bell
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.parts.words import check_in_words
from apps.ui.reruns import by_itself
from warehouse.metrics.freshness import Freshness, freshness
from warehouse.metrics.serving import serving
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.identity import SignedIn
from warehouse.operations.organization import next_requested_jobs, request_job
from warehouse.tenancy import Actor

WAITING_FOR = "refresh_waits_for"
ASKED_AT = "refresh_asked_at"
PATIENCE = timedelta(minutes=5)
CHECKS = "screens/insights_checks.py"


def header(who: SignedIn, actor: Actor, title: str) -> None:
    """The title, and under it the state of the numbers."""
    say_now()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(formats.plain(title), anchor=False, width="content")
        bell(actor, zone(who))
    with telling():
        company = "" if title == who.organization_name else who.organization_name or ""
        if _is_waiting():
            st.fragment(by_itself(_state), run_every="4s")(who, actor, company)
        else:
            _state(who, actor, company)


def zone(who: SignedIn) -> str:
    """The time zone a person lives in: their own, else their organization's."""
    return who.timezone or "UTC"


def _state(who: SignedIn, actor: Actor, company: str) -> None:
    opened = serving(actor.organization_id)
    with reading_as(actor) as session:
        state = freshness(session, actor, opened)
    if _has_arrived(state):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if company:
            st.markdown(f"**{formats.plain(company)}**", width="content")
        st.markdown(_as_of(state, zone(who)), width="content")
        _trust(actor, state, zone(who))
        _waiting(actor, state)


def _as_of(state: Freshness, place: str) -> str:
    now = datetime.now(UTC)
    moment, age = formats.moment(state.built_at, place), formats.since(state.built_at, now, place)
    return f"Numbers as of {moment}" if age == moment else f"Numbers as of {moment} ({age})"


def _trust(actor: Actor, state: Freshness, place: str) -> None:
    failing = len({check.name for check in state.failing})
    if state.is_held:
        words = "; ".join(dict.fromkeys(check_in_words(check.name, check.subject) for check in state.failing))
        since = formats.moment(state.held_since or state.built_at, place)
        st.badge("Newer numbers held back", icon=":material/front_hand:", color="orange")
        st.markdown(
            f"Showing numbers from {formats.moment(state.built_at, place)}: newer ones, of {since}, are held back by "
            f"{f'the check “{formats.plain(words)}”' if words else 'a check'}."
        )
    elif failing:
        told = "; ".join(dict.fromkeys(check_in_words(check.name, check.subject) for check in state.failing))
        label = f"{failing} of {formats.counted(state.checks, 'check')} found something"
        st.badge(label, icon=":material/warning:", color="orange", help=formats.plain(told))
    else:
        passing = f"{formats.counted(state.checks, 'check')} {'passes' if state.checks == 1 else 'pass'}"
        st.badge(passing, icon=":material/check_circle:", color="green")
    if failing and actor.may("insights:read"):
        st.page_link(CHECKS, label="Data checks", icon=":material/fact_check:")


def _waiting(actor: Actor, state: Freshness) -> None:
    """Changes these numbers have not seen, and the way to let them in."""
    if state.waiting == 0 and not _is_waiting():
        return
    if state.waiting:
        st.badge(f"{formats.counted(state.waiting, 'change')} not in yet", icon=":material/sync:", color="gray")
    if _is_waiting():
        st.markdown("Refresh asked for; the numbers follow by themselves.", width="content")
    elif actor.may("insights:refresh"):
        st.button(
            "Refresh", icon=":material/refresh:", type="tertiary", on_click=_refresh, args=(actor, state.build_id)
        )


def ask_for_refresh(actor: Actor) -> None:
    """File the job, unless one is waiting already."""
    with saving(), writing_as(actor) as session:
        if not any(job.job == "refresh" for job in next_requested_jobs(session)):
            request_job(session, "refresh", actor.membership_id or actor.label, actor.organization_id)


def _refresh(actor: Actor, build_id: str) -> None:
    ask_for_refresh(actor)
    if not clock_runs():
        say_next("Asked for, but no clock is running here: `longhouse refresh` brings the numbers up to date")
        return
    st.session_state[WAITING_FOR], st.session_state[ASKED_AT] = build_id, datetime.now(UTC)


def _is_waiting() -> bool:
    asked = st.session_state.get(ASKED_AT)
    return isinstance(asked, datetime) and datetime.now(UTC) - asked < PATIENCE


def _has_arrived(state: Freshness) -> bool:
    """Whether the refresh asked for here has brought new numbers; said once."""
    waited = st.session_state.get(WAITING_FOR)
    if not _is_waiting() or waited == state.build_id:
        return False
    del st.session_state[WAITING_FOR], st.session_state[ASKED_AT]
    say_next("The numbers are up to date")
    return True
