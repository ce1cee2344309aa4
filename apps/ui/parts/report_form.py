"""Mail it: when a kept dashboard goes out, and to whom; and how to stop it."""

from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next
from apps.ui.reruns import by_click
from warehouse.oltp.alerts import ReportSchedule
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.oltp.insights import SavedDashboard
from warehouse.operations.identity import SignedIn
from warehouse.operations.organization_settings import read_settings
from warehouse.operations.reports import (
    EditReport,
    OneReport,
    ScheduleReport,
    edit_report,
    reports_of,
    schedule_report,
    stop_report,
)
from warehouse.operations.telling import people_to_tell
from warehouse.tenancy import Actor

EVERY = {"day": "Every day", "week": "Every week", "month": "Every month"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NEW = "A new one"


@st.dialog("Mail this dashboard", icon=":material/schedule_send:")
@by_click
def ask_schedule(who: SignedIn, kept: SavedDashboard) -> None:
    """The schedules there are, one of them to change, or a new one."""
    actor = who.actor
    if actor is None:
        return
    with telling():
        with reading_as(actor) as session:
            found = list(reports_of(session, actor, kept.id))
            people, place = people_to_tell(session, actor), read_settings(session, actor).timezone
        names = {one.id: _in_words(one, people) for one in found}
        chosen = None
        if found:
            offered = [*names, ""]
            chosen = st.selectbox(
                "Report", offered, format_func=lambda one: names[one] if one else NEW, key="report_which"
            )
        one = next((row for row in found if row.id == chosen), None)
        if one:
            _state(who, one)
        values = _fields(actor, kept, one, people, place)
        with st.container(horizontal=True):
            if st.button("Save", type="primary", key="report_save"):
                _save(actor, kept, one, values)
            if one and st.button("Stop it", icon=":material/cancel_schedule_send:", type="tertiary", key="report_stop"):
                _stop(actor, one)


def _in_words(one: ReportSchedule, people: dict[str, str]) -> str:
    first = people.get(str(one.recipients[0]), "a colleague") if one.recipients else "nobody"
    more = f" and {len(one.recipients) - 1} more" if len(one.recipients) > 1 else ""
    return f"{EVERY[one.every]} at {one.at_hour:02}:00, to {first}{more}"


def _state(who: SignedIn, one: ReportSchedule) -> None:
    told = [f"Next {formats.moment(one.next_at, zone(who))}"]
    if one.last_at:
        told.append(f"last {formats.moment(one.last_at, zone(who))}")
    st.caption(" · ".join(told))
    if one.problem:
        st.warning(formats.plain(one.problem))


def _fields(
    actor: Actor, kept: SavedDashboard, one: ReportSchedule | None, people: dict[str, str], place: str
) -> dict[str, Any]:
    key = one.id if one else "new"
    left, right = st.columns(2)
    every = left.selectbox(
        "How often",
        list(EVERY),
        index=list(EVERY).index(one.every) if one else 1,
        format_func=lambda told: EVERY[told],
        key=f"report_every_{key}",
    )
    day = one.on_day if one and one.every == every else 1
    if every == "week":
        named = right.selectbox("On", WEEKDAYS, index=min(day, 7) - 1, key=f"report_weekday_{key}")
        day = WEEKDAYS.index(named) + 1
    elif every == "month":
        day = int(right.number_input("On day", 1, 31, day, key=f"report_day_{key}"))
    hour = st.selectbox(
        f"At, in {place.replace('_', ' ')}",
        list(range(24)),
        index=one.at_hour if one else 7,
        format_func=lambda told: f"{told:02}:00",
        key=f"report_hour_{key}",
    )
    offered = people if kept.is_shared else {who: name for who, name in people.items() if who == kept.membership_id}
    now = [who for who in (one.recipients if one else [actor.membership_id]) if who in offered]
    to = st.multiselect(
        "To",
        list(offered),
        default=now,
        format_func=lambda who: offered[who],
        key=f"report_to_{key}",
        max_selections=50,
    )
    if not kept.is_shared:
        st.caption("Only you see this dashboard. Share it to mail it to colleagues.")
    st.caption("Everybody gets it with their own rights, as PDF and CSV; the last month that is over.")
    return {"recipients": to, "every": every, "on_day": day, "at_hour": hour}


def _save(actor: Actor, kept: SavedDashboard, one: ReportSchedule | None, values: dict[str, Any]) -> None:
    done = False
    with saving(), writing_as(actor) as session:
        if one:
            edit_report(session, actor, EditReport.model_validate(values | {"id": one.id, "version": one.version}))
        else:
            schedule_report(session, actor, ScheduleReport.model_validate(values | {"dashboard_id": kept.id}))
        done = True
    if done:
        say_next("It is mailed from now on")
        st.rerun()


def _stop(actor: Actor, one: ReportSchedule) -> None:
    done = False
    with saving(), writing_as(actor) as session:
        stop_report(session, actor, OneReport(id=one.id, version=one.version))
        done = True
    if done:
        say_next("It is not mailed any more")
        st.rerun()
