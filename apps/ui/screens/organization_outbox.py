"""Outbox: which mails were written, and did they go? For the operator, while trying things out."""

from typing import Literal

import streamlit as st

from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.problems import telling
from apps.ui.rooms import may_see_outbox
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading
from warehouse.oltp.identity import Mail
from warehouse.operations.mail import list_outbox
from warehouse.secrets import KeyMissing
from warehouse.settings import settings


def state(mail: Mail) -> tuple[str, Literal["green", "red", "orange", "gray"]]:
    """Where a mail stands, and the colour of it."""
    if mail.sent_at:
        return "Sent", "green"
    if mail.failed_at:
        return "Given up", "red"
    return ("Tried", "orange") if mail.attempts else ("Waiting", "gray")


def show(mail: Mail, place: str) -> None:
    """One mail, opened on a click."""
    word, color = state(mail)
    with st.expander(formats.plain(mail.subject)):
        st.text(f"To {mail.recipient}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(word, color=color)
            st.caption(formats.moment(mail.created_at, place))
        if mail.problem:
            st.warning(formats.plain(mail.problem))
        if mail.text:
            st.code(mail.text, language=None, wrap_lines=True)


who, actor = signed_in(), current_actor()
if not may_see_outbox(who):
    st.info("The outbox is shown to the operator of a development installation only.")
    st.stop()
st.title("Outbox", anchor=False)
if not settings().smtp_url:
    st.caption("LONGHOUSE_SMTP_URL is not set, so mails stay here.")
with telling():
    try:
        with reading() as session:
            mails = list_outbox(session)
    except KeyMissing as failure:
        st.error(str(failure))
        st.stop()
    for mail in mails:
        show(mail, zone(who))
    if not mails:
        st.info("No mail has been written yet. Try “Forgot password” on the sign-in page.")
