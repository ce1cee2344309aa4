"""Notifications: what was I told, and how do I want to be told?"""

from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts.bell import latest
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.identity import SignedIn
from warehouse.operations.notifying import (
    ChooseNotifications,
    RemoveAddress,
    SetAddress,
    choose_notifications,
    my_address,
    my_own_quiet,
    my_wishes,
    remove_address,
    set_address,
)
from warehouse.operations.organization_settings import read_settings
from warehouse.operations.telling import OFFERED, USUAL, Channel, Topic, Wishes
from warehouse.tenancy import Actor

MOST = 40
TOLD = [topic for topic in Topic if OFFERED[topic]]
HOURS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
FORMS = {"plain": "A program (signed)", "slack": "Slack, or what is like it", "teams": "Microsoft Teams"}


def channels_form(actor: Actor, wishes: Wishes, quiet: tuple[str | None, str | None], place: str) -> None:
    """Topics by channels, quiet hours and the hour of the digest."""
    with st.form("notifications"):
        chosen = {topic: _topic_row(topic, wishes) for topic in TOLD}
        left, right = st.columns(2)
        with left:
            st.markdown("**Quiet hours**")
            starts, ends = st.columns(2)
            first = starts.selectbox("From", [None, *HOURS], _at(quiet[0]), format_func=_hour, key="quiet_from")
            last = ends.selectbox("Until", [None, *HOURS], _at(quiet[1]), format_func=_hour, key="quiet_until")
            st.caption(f"Mails and calls wait until they are over, in {place}. What is critical comes through.")
        with right:
            st.markdown("**Daily digest**")
            digest = st.selectbox(
                "At", list(range(24)), wishes.digest_hour, format_func=lambda hour: f"{hour:02}:00", key="digest_hour"
            )
            st.caption("One mail with everything that was kept for it.")
        asked = st.form_submit_button("Save", type="primary")
    if asked:
        _save(
            actor,
            {"channels": chosen, "quiet_from": first, "quiet_until": last, "digest_hour": digest},
        )


def _topic_row(topic: Topic, wishes: Wishes) -> list[Channel]:
    offered = list(OFFERED[topic])
    now = wishes.channels.get(topic, USUAL[topic])
    return st.pills(
        topic.label,
        offered,
        selection_mode="multi",
        default=[one for one in offered if one in now],
        format_func=lambda one: one.label,
        key=f"channels_{topic}",
    )


def _at(hour: str | None) -> int:
    return 1 + HOURS.index(hour) if hour in HOURS else 0


def _hour(told: str | None) -> str:
    return told or "As the organization"


def _save(actor: Actor, values: dict[str, Any]) -> None:
    done = False
    with saving(), writing_as(actor) as session:
        choose_notifications(session, actor, ChooseNotifications.model_validate(values))
        done = True
    if done:
        say_next("You are told like this from now on")
        st.rerun()


def address_card(who: SignedIn, actor: Actor) -> None:
    """The address that is called, which is never shown again."""
    with st.container(border=True):
        st.markdown("**My address**")
        st.markdown(
            "A program or a chat's incoming webhook that is called with what you choose above. "
            "It is kept sealed, and private networks are not called."
        )
        with reading_as(actor) as session:
            now = my_address(session, actor)
        if now:
            st.badge(f"{FORMS[now[0]]}, set {formats.moment(now[1], zone(who))}", icon=":material/link:", color="green")
        with st.form("address", border=False):
            left, right = st.columns([2, 1])
            address = left.text_input("Address", placeholder="https://hooks.example.com/…", max_chars=500)
            form = right.selectbox("It understands", list(FORMS), format_func=lambda one: FORMS[one], key="hook_form")
            set_now = st.form_submit_button("Set the address")
        if set_now:
            _set(actor, address, form)
        if now and st.button("Remove it", icon=":material/link_off:", type="tertiary", key="remove_address"):
            with saving(), writing_as(actor) as session:
                remove_address(session, actor, RemoveAddress())
                say_next("No address is called any more")
            st.rerun()


def _set(actor: Actor, address: str, form: str) -> None:
    secret = ""
    with saving(), writing_as(actor) as session:
        asked = SetAddress.model_validate({"address": address, "form": form})
        secret = set_address(session, actor, asked)
    if secret and form == "plain":
        st.success("Calls are signed with this secret. Copy it now: it is not shown again.", icon=":material/key:")
        st.code(secret, language=None)
    elif secret:
        say_next("The address is set")
        st.rerun()


who, actor = signed_in(), current_actor()
say_now()
st.title("Notifications", anchor=False)
told, how = st.tabs(["What I was told", "How I am told"])
with told, telling():
    latest(actor, zone(who), MOST)
with how, telling():
    with reading_as(actor) as session:
        wishes, quiet, settings = my_wishes(session, actor), my_own_quiet(session, actor), read_settings(session, actor)
    channels_form(actor, wishes, quiet, settings.timezone)
    address_card(who, actor)
    st.caption(
        "What concerns the safety of the organization always comes, to owners and admins, on screen and by mail."
    )
