"""Alerts on screen: kept from a card, read, answered; the bell counts, and each member says how they are told."""

from streamlit.testing.v1 import AppTest

from tests.apps.ui.conftest import OLIVE, SAM, VERA, Screens, go, labels, texts
from warehouse.oltp.engine import reading, reading_as
from warehouse.oltp.notices import NotificationChoice
from warehouse.operations import alerts
from warehouse.operations.telling import Channel, Topic, wishes_of
from warehouse.watching.watch import watch

RULE = {"kind": "threshold", "metric": "won_value", "side": "under", "bound": "99999999"}


def _form() -> None:
    """The form by itself: a tested screen forgets a dialog with the next click."""
    import streamlit

    from apps.ui.parts.alert_form import Start, alert_form

    alert_form(streamlit.session_state["who"], Start())


def test_an_alert_is_kept_from_the_form_read_and_answered(working_screens: Screens) -> None:
    screen = working_screens.open("insights_alerts", SAM)
    assert "No alerts yet" in [one.title for one in screen.info] or "Alert me" in texts(screen)
    who = working_screens.signed_in(SAM, "demo")
    actor = who.actor
    assert actor is not None
    form = AppTest.from_function(_form, default_timeout=60)
    form.session_state["who"] = who
    form.run().selectbox(key="alert_metric").select("won_value").run()
    form.number_input(key="alert_bound").set_value(99_999_999.0).run()
    form.button(key="alert_save").click().run()
    with reading_as(actor) as session:
        [kept] = alerts.alerts_of(session, actor)
    assert (kept.name, kept.rule["bound"]) == ("Won under $100M", "99999999.0")

    assert watch().fired == 1
    screen = go(screen, "insights_alerts", alert=kept.id)
    said = texts(screen)
    assert "Fired" in said
    assert "under 99,999,999\\.00 USD" in said
    assert "Acknowledge" in labels(screen)
    screen.button(key=f"ack_{kept.id}").click().run()
    assert "Acknowledge" not in labels(screen)
    assert "Acknowledged" in texts(screen)


def test_a_viewer_keeps_no_alerts_and_sees_only_those_they_answer_for(working_screens: Screens) -> None:
    vera = working_screens.signed_in(VERA, "demo").actor
    assert vera is not None
    working_screens.do("insights.keep_alert", OLIVE, name="Olive's own", rule=RULE)
    duty = {"on_duty_id": vera.membership_id, "escalate_minutes": 5}
    working_screens.do("insights.keep_alert", OLIVE, name="Vera on duty", rule=RULE, **duty)
    screen = working_screens.open("insights_alerts", VERA)
    assert "Vera on duty" in texts(screen)
    assert "Olive" not in texts(screen).replace("Olive Oakbeam", "")
    assert "New alert" not in labels(screen)


def test_what_one_was_told_is_listed_and_marked_read(working_screens: Screens) -> None:
    working_screens.do("insights.keep_alert", OLIVE, name="Won too little", rule=RULE)
    watch()
    screen = working_screens.open("account_notifications", OLIVE)
    assert "Won too little" in texts(screen)
    screen.button(key="told_all").click().run()
    assert "Mark read" not in labels(screen)


def test_a_member_chooses_how_they_are_told(working_screens: Screens) -> None:
    screen = working_screens.open("account_notifications", SAM)
    screen.button_group(key="channels_alert").set_value([Channel.DIGEST])
    screen.selectbox(key="quiet_from").select("20:00")
    screen.selectbox(key="quiet_until").select("07:00")
    next(one for one in screen.button if one.label == "Save").click().run()
    assert not screen.error, [one.value for one in screen.error]
    sam = working_screens.signed_in(SAM, "demo").actor
    assert sam is not None
    with reading() as session:
        wishes = wishes_of(session, sam.organization_id, [str(sam.membership_id)])[str(sam.membership_id)]
        assert session.query(NotificationChoice).count() == 1
    assert (wishes.of(Topic.ALERT), wishes.quiet_from, wishes.quiet_until) == ((Channel.DIGEST,), "20:00", "07:00")
