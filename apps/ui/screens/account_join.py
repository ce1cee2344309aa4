"""Join: which organizations am I invited to, and do I want in?"""

import streamlit as st

from apps.ui import formats, session
from apps.ui.parts.entering import enter
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.roles import rights_in_words
from apps.ui.session import signed_in
from warehouse.operations.identity import SignedIn
from warehouse.operations.invitations import InvitationOver, Invited
from warehouse.operations.joining import WrongAddress

HOME = "screens/home.py"


def show(who: SignedIn, invited: Invited) -> None:
    """One invitation, and the way in."""
    with st.container(border=True, width=520):
        st.subheader(formats.plain(invited.organization), anchor=False)
        st.markdown(f"You are invited as **{rights_in_words(invited.access_role, invited.functions)}**.")
        st.caption(f"Until {formats.moment(invited.expires_at, zone(who))}, for {formats.plain(invited.email)}.")
        if st.button("Join", type="primary", key=f"join_{invited.id}"):
            join(who, invited)


def join(who: SignedIn, invited: Invited) -> None:
    """Become a member and go there."""
    joined = ""
    try:
        with saving():
            joined = session.join(who, invited.id)
    except (InvitationOver, WrongAddress) as refusal:
        st.error(str(refusal))
    if joined:
        enter(who, joined, f"Welcome to {invited.organization}")


def somebody_elses(who: SignedIn, token: str) -> None:
    """Tell somebody who opened a link for another address."""
    try:
        invited = session.invitation_of(token)
    except InvitationOver as over:
        st.info(str(over))
        return
    if invited.email != who.email.lower():
        st.warning(
            f"This invitation to {formats.plain(invited.organization)} is for {formats.plain(invited.email)}, and you "
            f"are signed in as {formats.plain(who.email)}. Sign out, then open the link again."
        )
        if st.button("Sign out", icon=":material/logout:"):
            session.sign_out(who)


who = signed_in()
st.title("Join", anchor=False)
with telling():
    token = st.query_params.get("token", "")
    if token:
        somebody_elses(who, token)
    mine = session.invitations_of(who)
    for one in mine:
        show(who, one)
    if not mine and not token:
        st.info("There is no invitation for you. Ask an owner or admin to send a new one.")
    st.page_link(HOME, label="Home", icon=":material/arrow_back:")
