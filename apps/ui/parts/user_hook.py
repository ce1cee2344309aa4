"""The secret with which an identity provider tells of users: made and shown once, renewed, taken away."""

from datetime import UTC, datetime

import streamlit as st

from apps.identity.address import canonical_origin
from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.hook_secrets import (
    HookState,
    MakeSecret,
    RemoveSecret,
    hook_state,
    make_secret,
    remove_secret,
)
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

EXPLAINED = (
    "Your identity provider tells Longhouse of users made, changed and removed, with messages signed after Standard "
    "Webhooks. Give it this address, the events `user.created`, `user.updated` and `user.deleted`, and the secret."
)


def user_hook_card(who: SignedIn, actor: Actor) -> None:
    """The address, how the secret stands, and what can be done with it."""
    st.markdown(EXPLAINED)
    st.code(f"{canonical_origin()}/api/hooks/users/{who.organization_slug}", language=None)
    # A place above the buttons that is filled after them: it tells of what they did.
    standing = st.container()
    with st.container(horizontal=True):
        made = st.button("Make a new secret", icon=":material/key:")
        removed = st.button("Take the secret away", icon=":material/key_off:")
    if made:
        make(actor)
    if removed:
        remove(actor)
    with reading_as(actor) as session, standing:
        st.caption(stands(hook_state(session, actor), zone(who)))


def make(actor: Actor) -> None:
    """Make a secret and show it, until the next click."""
    secret = ""
    with saving(), writing_as(actor) as session:
        secret = make_secret(session, actor, MakeSecret())
    if secret:
        st.success("Copy it now: it is not shown again.", icon=":material/key:")
        st.code(secret, language=None)


def remove(actor: Actor) -> None:
    """Take every secret away."""
    with saving(), writing_as(actor) as session:
        remove_secret(session, actor, RemoveSecret())


def stands(state: HookState | None, place: str) -> str:
    """How the secret stands, in words."""
    if state is None:
        return "There is no secret yet, so no message is taken."
    told = [f"The secret was made {formats.moment(state.made_at, place)}"]
    if state.former_until and state.former_until > datetime.now(UTC):
        told.append(f"the one before is taken until {formats.moment(state.former_until, place)}")
    last = state.last_delivery
    told.append(f"the last message came {formats.moment(last, place)}" if last else "no message has come yet")
    return "; ".join(told) + "."
