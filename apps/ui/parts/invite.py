"""Inviting somebody, and what can be done with an invitation nobody has accepted yet."""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from apps.ui import formats
from apps.ui.parts.problems import saving
from apps.ui.parts.roles import functions_field, rights_in_words, role_field
from apps.ui.parts.toasts import say_next
from apps.ui.reruns import by_click
from warehouse.oltp.engine import writing_as
from warehouse.oltp.members import Invitation
from warehouse.operations.invitations import InvitePerson, OneInvitation, invite, resend, withdraw_invitation
from warehouse.tenancy import AccessRole, Actor, BusinessFunction

KEY = "invite"
NO_ADDRESS = "Enter an e-mail address, such as name@example.com."


def _close() -> None:
    st.query_params.pop(KEY, "")


@st.dialog("Invite somebody", icon=":material/person_add:", on_dismiss=_close)
@by_click
def invite_dialog(actor: Actor) -> None:
    """Ask for the address and the rights, and send the link."""
    with st.form(KEY, border=False):
        email = st.text_input("E-mail", key="invite_email", max_chars=320, autocomplete="off")
        role = role_field(actor, AccessRole.MEMBER, "invite_role")
        functions = functions_field((), "invite_functions")
        st.caption("They get a mail with a link that works once, within 7 days and for this address alone.")
        asked = st.form_submit_button("Send the invitation", type="primary")
    if asked and "@" not in email:
        st.error(NO_ADDRESS)
    elif asked:
        send(actor, InvitePerson(email=email, access_role=role, functions=functions))


def send(actor: Actor, request: InvitePerson) -> None:
    """Invite, and close the dialog once the mail is on its way."""
    sent = False
    with saving():
        invite(actor, request)
        sent = True
    if sent:
        say_next(f"{request.email} is invited")
        _close()
        st.rerun()


def open_invitation(actor: Actor, one: Invitation, place: str) -> None:
    """One invitation, and the ways to send it anew or take it back."""
    now = datetime.now(UTC)
    is_over = one.expires_at <= now
    until = "its link is too old" if is_over else f"until {formats.moment(one.expires_at, place)}"
    functions = [BusinessFunction(name) for name in one.functions]
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{formats.plain(one.email)}** · {rights_in_words(one.access_role, functions)}")
            st.caption(f"sent {formats.since(one.sent_at, now, place)}, {until}")
        with st.container(horizontal=True, width="content"):
            if st.button("Send anew", key=f"resend_{one.id}", icon=":material/forward_to_inbox:"):
                _do(lambda: resend(actor, one.id), f"A new link is on its way to {one.email}")
            if st.button("Take back", key=f"withdraw_{one.id}", icon=":material/undo:"):
                _do(lambda: _withdraw(actor, one.id), f"{one.email} is no longer invited")


def _withdraw(actor: Actor, invitation_id: str) -> None:
    with writing_as(actor) as session:
        withdraw_invitation(session, actor, OneInvitation(id=invitation_id))


def _do(work: Callable[[], object], said: str) -> None:
    done = False
    with saving():
        work()
        done = True
    if done:
        say_next(said)
        st.rerun()
