"""The bell: how much a person was told and has not read, and the latest of it."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import streamlit as st

from apps.ui import formats
from apps.ui.parts.problems import saving, telling
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.inbox import Said, count_unread, notices_of, put_all_away, put_away, unread_notices
from warehouse.operations.telling import Topic
from warehouse.tenancy import Actor

NOTIFICATIONS = "screens/account_notifications.py"
SCREENS = {
    "alerts": "screens/insights_alerts.py",
    "audit": "screens/organization_audit.py",
    "dashboard": "screens/dashboard.py",
    "deal": "screens/sales_deal.py",
    "record": "screens/record.py",
}
"""Where a notice leads: the first word of its path → the screen."""
ICONS = {
    Topic.SECURITY: ":material/shield:",
    Topic.ALERT: ":material/notifications_active:",
    Topic.ESCALATION: ":material/notification_important:",
    Topic.REPORT: ":material/summarize:",
    Topic.ASSIGNMENT: ":material/assignment_ind:",
    Topic.REMINDER: ":material/task:",
    Topic.SLA: ":material/timer:",
}
COLORS = {"critical": "red", "warning": "orange"}
MOST, MOST_COUNTED = 6, 99


def bell(actor: Actor, place: str) -> None:
    """A button with the number of unread notices; opened, the latest of them."""
    if actor.membership_id is None:
        return
    with reading_as(actor) as session:
        unread = count_unread(session, actor)
    label = f"{MOST_COUNTED}+" if unread > MOST_COUNTED else str(unread) if unread else ""
    said = formats.counted(unread, "unread notification") if unread else "Notifications"
    icon = ":material/notifications_unread:" if unread else ":material/notifications:"
    opened = st.popover(label, icon=icon, help=said, type="tertiary", key="bell", on_change="rerun")
    if not opened.open:
        return
    with opened, telling():
        with reading_as(actor) as session:
            found = unread_notices(session, actor, MOST, None)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.page_link(NOTIFICATIONS, label="All notifications", icon=":material/inbox:")
            if found:
                st.button("Mark all read", key="bell_all", type="tertiary", on_click=_all_read, args=(actor,))
        for one in found:
            notice(actor, one, place, "bell")
        if not found:
            st.markdown("Nothing new.")


def notice(actor: Actor, said: Said, place: str, key: str) -> None:
    """One thing a person was told, with the way to it."""
    color = COLORS.get(said.level, "gray" if said.is_read else "primary")
    icon = ICONS.get(said.topic, ":material/info:")
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":{color}[{icon}] **{formats.plain(said.title)}**")
        st.markdown(formats.plain(said.text))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            st.caption(formats.since(said.at, datetime.now(UTC), place), width="content")
            with st.container(horizontal=True, width="content", gap="small"):
                if _leads_somewhere(said) and st.button("Open", key=f"{key}_open_{said.id}", type="tertiary"):
                    _read(actor, [said.id])
                    follow(said)
                if not said.is_read:
                    st.button(
                        "Mark read",
                        key=f"{key}_read_{said.id}",
                        type="tertiary",
                        on_click=_read,
                        args=(actor, [said.id]),
                    )


def latest(actor: Actor, place: str, most: int) -> None:
    """What a person was told of late, read or not."""
    with reading_as(actor) as session:
        found = notices_of(session, actor, most)
    if not found:
        st.info("Alerts, reports and what else concerns you appear here.", title="Nothing was told yet")
    elif any(not one.is_read for one in found):
        st.button("Mark all read", key="told_all", type="tertiary", on_click=_all_read, args=(actor,))
    for one in found:
        notice(actor, one, place, "told")


def follow(said: Said) -> None:
    """Go where a notice leads."""
    screen, _, query = said.path.partition("?")
    st.switch_page(SCREENS[screen], query_params=dict(parse_qsl(query)))


def _leads_somewhere(said: Said) -> bool:
    return said.path.partition("?")[0] in SCREENS


def _read(actor: Actor, notice_ids: list[str]) -> None:
    with saving(), writing_as(actor) as session:
        put_away(session, actor, notice_ids, datetime.now(UTC))


def _all_read(actor: Actor) -> None:
    with saving(), writing_as(actor) as session:
        put_all_away(session, actor, datetime.now(UTC))
