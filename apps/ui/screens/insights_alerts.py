"""Alerts: what is watched for whom, where it stands, and what happened to it."""

from datetime import UTC, datetime
from typing import Any, Literal

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.alert_form import ALERT, ask_change, ask_new
from apps.ui.parts.alert_history import history
from apps.ui.parts.bell import bell
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.session import current_actor, signed_in
from warehouse.alerts import NoRule, OfMetric, Standing, read_rule
from warehouse.metrics.serving import NoExtract
from warehouse.oltp.alerts import Alert
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.alert_words import rule_in_words, words_of
from warehouse.operations.alerts import (
    SAVES,
    OneAlert,
    SnoozeAlert,
    acknowledge_alert,
    alerts_of,
    delete_alert,
    last_reading,
    may_change_alert,
    may_see_rule,
    pause_alert,
    resume_alert,
    snooze_alert,
)
from warehouse.operations.declare import Operation
from warehouse.operations.identity import SignedIn
from warehouse.operations.reading import names_of
from warehouse.tenancy import Actor

Color = Literal["red", "orange", "green", "gray", "blue"]
STATES: dict[Standing, tuple[str, Color, str]] = {
    Standing.FIRING: ("Firing", "red", ":material/notifications_active:"),
    Standing.ACKNOWLEDGED: ("Acknowledged", "orange", ":material/person_raised_hand:"),
    Standing.RESOLVED: ("Back in bounds", "green", ":material/check_circle:"),
    Standing.OK: ("In bounds", "green", ":material/check_circle:"),
}
SNOOZES = {60: "For an hour", 240: "For 4 hours", 1440: "For a day", 10080: "For a week"}
EDIT, HISTORY, PAUSE, RESUME, AWAY = "Change", "History", "Pause", "Resume", "Put away"


def state_badge(one: Alert, place: str) -> None:
    """Where an alert stands."""
    if one.paused_at:
        st.badge("Paused", icon=":material/pause:", color="gray")
    elif one.checked_at is None:
        st.badge("Not read yet", icon=":material/hourglass:", color="gray")
    else:
        word, color, icon = STATES[one.standing]
        st.badge(word, icon=icon, color=color)
    if one.snoozed_until and one.snoozed_until > datetime.now(UTC):
        st.badge(f"Silent until {formats.moment(one.snoozed_until, place)}", icon=":material/snooze:", color="blue")


def watched(who: SignedIn, actor: Actor, one: Alert) -> str:
    """What an alert watches, as far as the person may know it."""
    try:
        rule = read_rule(one.rule)
    except NoRule:
        return "What it watches can no longer be read. Change it."
    if not isinstance(rule, OfMetric):
        return rule_in_words(rule, "", "", "")
    try:
        metric = answers.catalogue(actor).metrics.get(rule.metric)
    except NoExtract:
        metric = None
    if metric is None:
        return "A number that your rights do not show you, or that is no longer there."
    told = rule_in_words(rule, metric.label, metric.unit, who.currency or "USD", is_stock=metric.is_stock)
    if not rule.where:
        return told
    if not may_see_rule(actor, one):
        return f"{told}, narrowed"
    named = [
        f"{name.replace('_', ' ')} {' or '.join(answers.names(actor, name, of))}" for name, of in rule.where.items()
    ]
    return f"{told}, {', '.join(named)}"


def card(who: SignedIn, actor: Actor, one: Alert, owners: dict[str, str], *, is_open: bool) -> None:
    """One alert: what it is, how it stands, and what can be done."""
    place, mine = zone(who), one.membership_id == actor.membership_id
    with st.container(border=True, gap="small", key=f"alert_{one.id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                st.markdown(f"**{formats.plain(one.name)}**", width="content")
                state_badge(one, place)
                if one.level == "critical":
                    st.badge("Critical", color="red")
            chosen = tools(actor, one)
        st.markdown(formats.plain(watched(who, actor, one)))
        if one.standing.is_open and not one.paused_at:
            now_is(actor, one)
        told = ["Yours" if mine else owners.get(one.membership_id, "A colleague's")]
        if one.on_duty_id:
            told.append(f"after {one.escalate_minutes} min {owners.get(one.on_duty_id, 'a colleague')} is told")
        if one.checked_at:
            told.append(f"read {formats.since(one.checked_at, datetime.now(UTC), place)}")
        st.caption(formats.plain(" · ".join(told)))
        if one.paused_because or one.problem:
            st.warning(formats.plain(str(one.paused_because or one.problem)), icon=":material/info:")
        answer_buttons(actor, one)
        if is_open or chosen == HISTORY:
            history(who, actor, one)
    act(who, actor, one, chosen)


def now_is(actor: Actor, one: Alert) -> None:
    """What was read when it fired, as far as the person may know it."""
    with reading_as(actor) as session:
        event = last_reading(session, one)
        told = words_of(session, event, actor.hidden).text if event else ""
    if told:
        st.markdown(f":red[{formats.plain(told)}]")


def tools(actor: Actor, one: Alert) -> str | None:
    """The menu of an alert; what was chosen just now."""
    own = [EDIT, RESUME if one.paused_at else PAUSE, AWAY] if may_change_alert(actor, one) else []
    return st.menu_button("⋯", [HISTORY, *own], key=f"tools_{one.id}", type="tertiary", help="More about this alert")


def answer_buttons(actor: Actor, one: Alert) -> None:
    """What can be done about an alert that fires."""
    if one.standing is not Standing.FIRING or one.paused_at:
        return
    with st.container(horizontal=True, gap="small"):
        if st.button("Acknowledge", key=f"ack_{one.id}", type="primary", icon=":material/person_raised_hand:"):
            do(actor, acknowledge_alert, {"id": one.id}, "Acknowledged: nobody else is called")
        minutes = st.menu_button(
            "Snooze",
            list(SNOOZES),
            key=f"snooze_{one.id}",
            icon=":material/snooze:",
            format_func=lambda wanted: SNOOZES[wanted],
        )
        if minutes:
            do(actor, snooze_alert, SnoozeAlert(id=one.id, minutes=minutes).model_dump(), "It is silent for a while")


def act(who: SignedIn, actor: Actor, one: Alert, chosen: str | None) -> None:
    """Do what was chosen in the menu."""
    asked = OneAlert(id=one.id, version=one.version).model_dump()
    if chosen == EDIT:
        ask_change(who, one)
    elif chosen == PAUSE:
        do(actor, pause_alert, asked, "Paused")
    elif chosen == RESUME:
        do(actor, resume_alert, asked, "It is read again with the next refresh, or within a minute")
    elif chosen == AWAY:
        do(actor, delete_alert, asked, f"{one.name} is put away")


def do(actor: Actor, run: Operation[Any, Any], values: dict[str, object], said: str) -> None:
    """Perform it, and draw the screen anew."""
    done = False
    with saving(), writing_as(actor) as session:
        run(session, actor, run.input.model_validate(values))
        done = True
    if done:
        say_next(said)
        st.rerun()


who, actor = signed_in(), current_actor()
say_now()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Alerts", anchor=False, width="content")
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        if actor.may(SAVES) and st.button("New alert", icon=":material/add_alert:", type="primary"):
            ask_new(who)
        bell(actor, zone(who))
with telling():
    with reading_as(actor) as session:
        found = alerts_of(session, actor)
        people = [one for row in found for one in (row.membership_id, row.on_duty_id) if one]
        owners = names_of(session, actor, "memberships", people)
    if not found:
        st.info(
            "Choose “Alert me” in the ⋯ of any card, or “New alert” here. Whom you are on duty for appears here too.",
            title="No alerts yet",
        )
    shown = st.query_params.get(ALERT)
    for one in found:
        card(who, actor, one, owners, is_open=one.id == shown)
