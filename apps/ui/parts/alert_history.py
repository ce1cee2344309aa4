"""What happened to an alert: when, with which number against which bound, by whom, and the receipt of it."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.receipt import receipt_button
from warehouse.alerts import Happened, NoRule, OfMetric, read_rule
from warehouse.oltp.alerts import Alert, AlertEvent
from warehouse.oltp.engine import reading_as
from warehouse.operations.alert_words import WITHOUT_NUMBER, words_of
from warehouse.operations.alerts import history_of
from warehouse.operations.identity import SignedIn
from warehouse.operations.reading import names_of
from warehouse.tenancy import Actor

SAID = {
    Happened.FIRED: (":red", "Fired"),
    Happened.REOPENED: (":orange", "Out of bounds again"),
    Happened.ACKNOWLEDGED: (":gray", "Acknowledged"),
    Happened.SNOOZED: (":gray", "Snoozed"),
    Happened.WOKE: (":orange", "Told again"),
    Happened.ESCALATED: (":orange", "Escalated"),
    Happened.RESOLVED: (":green", "Back in bounds"),
    Happened.PAUSED: (":gray", "Paused"),
    Happened.RESUMED: (":gray", "Resumed"),
}
MEASURED = {Happened.FIRED, Happened.REOPENED, Happened.RESOLVED}


def history(who: SignedIn, actor: Actor, alert: Alert) -> None:
    """The latest first."""
    with reading_as(actor) as session:
        events = history_of(session, actor, alert.id)
        words = {one.id: words_of(session, one, actor.hidden) for one in events}
        people = names_of(session, actor, "memberships", [one.membership_id for one in events if one.membership_id])
    if not events:
        st.caption("Nothing has happened yet.")
    for one in events:
        color, said = SAID[one.happened]
        by = f" by {people.get(one.membership_id, 'a colleague')}" if one.membership_id else ""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(formats.moment(one.at, zone(who)), width="content")
            st.markdown(f"{color}[**{said}**]{formats.plain(by)}", width="content")
            told = words[one.id].text
            if one.happened in MEASURED and told:
                st.markdown(formats.plain(told), width="content")
            elif one.told.get("because"):
                st.markdown(formats.plain(str(one.told["because"])), width="content")
            if one.happened in MEASURED and told != WITHOUT_NUMBER:
                _receipt(who, alert, one)


def _receipt(who: SignedIn, alert: Alert, event: AlertEvent) -> None:
    """The button that opens the receipt of a number."""
    try:
        rule = read_rule(alert.rule)
    except NoRule:
        return
    if event.receipt and isinstance(rule, OfMetric):
        receipt_button(who, event.receipt, rule.metric, key=f"receipt_{event.id}")
