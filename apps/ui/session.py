"""Who looks at the screen, checked anew within seconds of any change to their rights."""

from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from warehouse.oltp.engine import StoreBusy, reading, writing
from warehouse.operations import identity
from warehouse.operations.identity import OrganizationChoice, SignedIn
from warehouse.tenancy import Actor

RECHECK_SECONDS = 15
PLACED = "signed_in"
"""Where a test puts the SignedIn that a screen shall see."""


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
    return found


def signed_in() -> SignedIn:
    """Who is signed in; a screen opened by nobody stops with a sentence."""
    found = person()
    if found is None:
        st.info("Please sign in first.")
        st.stop()
    return found


def current_actor() -> Actor:
    """The person in the organization they chose; without one the screen stops with a sentence."""
    actor = signed_in().actor
    if actor is None:
        st.info("Choose an organization first.")
        st.stop()
    return actor


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


def sign_out(who: SignedIn) -> None:
    """End the sign-in here and in the browser."""
    # The provider ends it once more when the browser gets there: a busy store must not keep a person signed in.
    with suppress(StoreBusy), writing() as session:
        identity.close_session(session, who.session_id, datetime.now(UTC))
    _checked.clear(who.session_id)
    st.session_state.clear()
    st.logout()
