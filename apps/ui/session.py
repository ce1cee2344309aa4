"""Who looks at the screen, checked anew within seconds of any change to their rights."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from apps.ui.reruns import by_itself, note_use
from warehouse.oltp.days import today_at
from warehouse.oltp.engine import StoreBusy, StoreMissing, reading, reading_as, writing
from warehouse.operations import (
    founding,
    identity,
    invitations,
    joining,
    preferences,
    security_events,
    sessions,
    throttle,
)
from warehouse.operations.founding import FoundOrganization
from warehouse.operations.identity import OrganizationChoice, SignedIn
from warehouse.operations.invitations import Invited
from warehouse.operations.passwords import PasswordRefused
from warehouse.operations.preferences import Preferences
from warehouse.tenancy import Actor

RECHECK_SECONDS = 2
"""How long what was checked holds for the next click."""
WATCH_SECONDS = 3
"""How often an open screen looks whether its sign-in still holds."""
PLACED = "signed_in"
"""Where a test puts the SignedIn that a screen shall see."""
LAST_WORD = "last_word"
"""Set where a screen tells that the organization it was drawn for is gone: it stays until the person goes on."""
DRAWN_FOR = "drawn_for"
"""Where a tab remembers the organization that its fields were drawn for."""
SCREEN = "screen_path"
"""Where a tab remembers the address of the screen it is on: one file may be many screens."""


def person() -> SignedIn | None:
    """Who is signed in, None when nobody is; ends the browser's sign-in when ours is over."""
    placed = st.session_state.get(PLACED)
    if isinstance(placed, SignedIn):
        return placed
    if not st.user.get("is_logged_in"):
        return None
    found = _checked(str(st.user.get("sid")))
    if found is None:
        st.logout()
        st.stop()
    note_use(found.session_id)
    return found


@st.fragment(run_every=f"{WATCH_SECONDS}s")
@by_itself
def watch(who: SignedIn) -> None:
    """End an open screen whose sign-in is over, without a click; looking on by itself is no use of a sign-in."""
    if PLACED in st.session_state or LAST_WORD in st.session_state:
        return
    with suppress(StoreBusy, StoreMissing), reading() as session:
        found = identity.actor_of(session, who.session_id, datetime.now(UTC))
        # Another organization: another tab of this sign-in has switched.
        if found is None or not (
            found.actor and who.actor and found.actor.organization_id == who.actor.organization_id
        ):
            _checked.clear(who.session_id)
            st.rerun()


def signed_in() -> SignedIn:
    """Who is signed in; a screen opened by nobody stops with a sentence."""
    found = person()
    if found is None:
        st.info("Please sign in first.")
        st.stop()
    return found


def today() -> date:
    """The day where the organization of this screen is."""
    actor = current_actor()
    with reading_as(actor) as session:
        return today_at(session, actor.organization_id)


def current_actor() -> Actor:
    """The person in the organization they chose; without one the screen stops with a sentence."""
    actor = signed_in().actor
    if actor is None:
        st.info("Choose an organization first.")
        st.stop()
    if st.session_state.get(DRAWN_FOR, actor.organization_id) != actor.organization_id:
        st.info("You switched to another organization in another tab. Reload the page.")
        st.stop()
    return actor


def go_to(path: str) -> None:
    """Remember the address of the screen that is drawn now."""
    st.session_state[SCREEN] = path


def screen_path() -> str:
    """The address of the screen that is drawn now; empty where people land."""
    return str(st.session_state.get(SCREEN, ""))


def switched_elsewhere(actor: Actor) -> bool:
    """Whether this tab was drawn for another organization; if so, everything typed and kept in it is forgotten.

    A form that was opened in one organization and sent after a switch in another tab reaches neither.
    """
    drawn = st.session_state.get(DRAWN_FOR, actor.organization_id)
    if drawn != actor.organization_id:
        _begin_anew()
    st.session_state[DRAWN_FOR] = actor.organization_id
    return bool(drawn != actor.organization_id)


def _begin_anew() -> None:
    placed = st.session_state.get(PLACED)
    st.session_state.clear()
    if placed is not None:
        st.session_state[PLACED] = placed


@st.cache_data(ttl=RECHECK_SECONDS, max_entries=2000, show_spinner=False)
def _checked(session_id: str) -> SignedIn | None:
    with reading() as session:
        return identity.actor_of(session, session_id, datetime.now(UTC))


@st.cache_data(ttl=RECHECK_SECONDS, max_entries=2000, show_spinner=False)
def choices_of(user_id: str) -> list[OrganizationChoice]:
    """The organizations a person may choose."""
    with reading() as session:
        return identity.organizations_of(session, user_id)


def choose(who: SignedIn, organization_id: str) -> None:
    """Work in this organization from the next run on, with nothing left on the screens of the one before."""
    with writing() as session:
        identity.choose_organization(session, who.session_id, organization_id)
    _checked.clear(who.session_id)
    st.session_state.clear()


def may_found(who: SignedIn) -> bool:
    """Whether the person may found an organization."""
    return founding.may_found(who.is_operator)


def proposed_slug(name: str) -> str:
    """A free short name for an organization called this."""
    with reading() as session:
        return founding.propose_slug(session, name)


def found(who: SignedIn, request: FoundOrganization) -> str:
    """Found an organization; its id. Raises Forbidden, NotAllowedNow or StoreBusy."""
    with writing() as session:
        made = founding.found_organization(session, who.user_id, request).id
    choices_of.clear(who.user_id)
    return made


def invitations_of(who: SignedIn) -> list[Invited]:
    """What the person is invited to."""
    return _invitations_of(who.email)


@st.cache_data(ttl=RECHECK_SECONDS, max_entries=2000, show_spinner=False)
def _invitations_of(email: str) -> list[Invited]:
    with reading() as session:
        return invitations.invitations_for(session, email, datetime.now(UTC))


def invitation_of(token: str) -> Invited:
    """What a link is for. Raises InvitationOver."""
    with reading() as session:
        return invitations.invitation_of_link(session, token, datetime.now(UTC))


def join(who: SignedIn, invitation_id: str) -> str:
    """Accept an invitation; the organization's id. Raises InvitationOver, WrongAddress, NotAllowedNow, StoreBusy."""
    with writing() as session:
        joined = joining.join_as(session, who.user_id, invitation_id, datetime.now(UTC))
    _invitations_of.clear(who.email)
    choices_of.clear(who.user_id)
    return joined


def save_preferences(who: SignedIn, chosen: Preferences) -> None:
    """Keep what the person chose, and go by it from the next run on. Raises StoreBusy."""
    with writing() as session:
        preferences.save_preferences(session, who.user_id, chosen)
    _checked.clear(who.session_id)


def leave_organization(who: SignedIn) -> None:
    """Choose again where to work, after one's membership ended."""
    with writing() as session:
        identity.leave_organization(session, who.session_id)
    _checked.clear(who.session_id)
    choices_of.clear(who.user_id)
    st.session_state.clear()
    st.rerun()


def age_of(who: SignedIn) -> timedelta:
    """How long ago the person signed in."""
    now = datetime.now(UTC)
    with reading() as session:
        return now - (identity.signed_in_at(session, who.session_id) or now)


def prove_password(who: SignedIn, password: str) -> None:
    """Make sure that the person at the screen knows the password; attempts count as at the sign-in.

    Raises PasswordRefused or TooManyAttempts.
    """
    address, now = st.context.ip_address or "unknown", datetime.now(UTC)
    with reading() as session:
        throttle.refuse_haste(session, address, now)
    with writing() as session:
        attempt = throttle.begin_attempt(session, who.email, address, now)
    with writing() as session:
        verdict = throttle.judge(session, attempt, now)
    with reading() as session:
        user = identity.check_sign_in(session, who.email, password)
    with writing() as session:
        if user is not None and not verdict.is_locked:
            throttle.forgive(session, attempt)
            return
        if not verdict.is_locked:
            security_events.note_failure(session, who.user_id, now, "password", locks=verdict.is_last)
    raise PasswordRefused("The present password is not right, or there were too many attempts.")


def sign_out(who: SignedIn) -> None:
    """End the sign-in here and in the browser."""
    # The provider ends it once more when the browser gets there: a busy store must not keep a person signed in.
    with suppress(StoreBusy), writing() as session:
        sessions.close_session(session, who.session_id, datetime.now(UTC))
    _checked.clear(who.session_id)
    st.session_state.clear()
    st.logout()
