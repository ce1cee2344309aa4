"""An incident from the number to the person on duty: read, told on every channel, escalated, acknowledged, over."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from apps.api.signature import Signed
from apps.identity import post
from apps.outward.calls import call_due
from tests.apps.test_post import Server
from tests.houses import House
from warehouse.alerts import Happened, Standing
from warehouse.metrics.catalogue import Unknown
from warehouse.metrics.receipts import read_receipt
from warehouse.metrics.verify import verify
from warehouse.oltp.alerts import Alert
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.notices import HookCall
from warehouse.oltp.organization import Membership, Receipt
from warehouse.operations import alerts, inbox, notifying
from warehouse.operations.identity import member_actor
from warehouse.operations.organization import find_organization
from warehouse.tenancy import Actor
from warehouse.watching.keep import keep
from warehouse.watching.watch import watch

MUCH = {"kind": "threshold", "metric": "won_value", "side": "under", "bound": "99999999"}


class Listener(BaseHTTPRequestHandler):
    """A program that is told; it refuses as often as it was asked to."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.refusals -= 1  # type: ignore[attr-defined]
        taken = self.server.refusals < 0  # type: ignore[attr-defined]
        if taken:
            self.server.told.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(204 if taken else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the screen of the tests."""


@pytest.fixture
def listener() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        server.told, server.refusals = [], 1  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def mails() -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def inside(
    house: House,
    enter: Callable[[House], None],
    monkeypatch: pytest.MonkeyPatch,
    mails: Server,
) -> House:
    """The demo company with a mail server, entered."""
    monkeypatch.setenv("LONGHOUSE_SMTP_URL", f"smtp://127.0.0.1:{mails.server_address[1]}")
    monkeypatch.setenv("LONGHOUSE_CALL_PRIVATE_ADDRESSES", "true")
    enter(house)
    return house


def _person(name: str) -> Actor:
    with reading() as session:
        return member_actor(session, find_organization(session, "demo").id, f"{name}@demo.example")


def _alert(alert_id: str) -> Alert:
    with reading() as session:
        return session.get_one(Alert, alert_id)


def _call_again() -> int:
    with writing() as session:
        for call in session.scalars(select(HookCall).where(HookCall.sent_at.is_(None))):
            call.next_attempt_at = datetime.now(UTC)
    return call_due()


def test_an_incident_walks_from_the_number_to_the_person_on_duty(inside: House, mails: Server, listener: Any) -> None:
    olive, sam = _person("olive"), _person("sam")
    place = f"http://127.0.0.1:{listener.server_address[1]}/hook"
    with writing() as session:
        secret = notifying.set_address(session, sam, notifying.SetAddress(address=place))
        notifying.set_address(session, olive, notifying.SetAddress(address=f"{place}/chat", form="slack"))
    asked = {"name": "Won <too> little", "rule": MUCH, "on_duty_id": olive.membership_id, "escalate_minutes": 30}
    kept = keep(sam, alerts.KeepAlert.model_validate(asked)).id
    began = datetime.now(UTC) - timedelta(hours=3)

    assert watch(began).fired == 1
    assert watch(began + timedelta(minutes=1)).fired == 0, "a lasting state is one alert"
    with reading() as session:
        [fired] = alerts.history_of(session, sam, kept)
        [notice] = inbox.notices_of(session, sam)
        stored = read_receipt(session, str(fired.receipt))
        assert session.get_one(Receipt, fired.receipt).kept, "what somebody was told of can be verified for ever"
    assert fired.happened is Happened.FIRED
    assert verify(stored).holds
    assert notice.text.startswith(f"Won is {float(str(fired.value)):,.2f} ")
    assert post.post_due() == 1
    assert str(mails.mails()[0]["Subject"]) == "Longhouse: Won <too> little"
    assert notice.text in mails.mails()[0].get_content()

    # The program is away at first, and is told at the next try.
    assert (call_due(), _call_again()) == (0, 1)
    path, headers, body = listener.told[0]
    told = json.loads(body)
    assert (path, told["type"], told["receipt"]) == ("/hook", "alert", fired.receipt)
    signed = Signed.read({name.lower(): value for name, value in headers.items()})
    assert signed is not None
    assert signed.holds(body, [secret], datetime.now(UTC))
    assert not signed.holds(body + b" ", [secret], datetime.now(UTC))

    # Nobody answers: after half an hour whoever is on duty is told, once.
    assert watch(began + timedelta(minutes=29)).escalated == 0
    assert watch(began + timedelta(minutes=31)).escalated == 1
    assert watch(began + timedelta(minutes=61)).escalated == 0
    assert post.post_due() == 1
    escalated = mails.mails()[-1]
    assert escalated["To"] == "olive@demo.example"
    assert "Nobody acknowledged it within 30 minutes" in escalated.get_content()
    assert _call_again() == 1
    assert listener.told[-1][0] == "/hook/chat"
    assert "*Won &lt;too&gt; little: nobody answered*" in json.loads(listener.told[-1][2])["text"]

    with writing() as session:
        alerts.acknowledge_alert(session, olive, alerts.AnAlert(id=kept))
    with reading() as session:
        happened = [one.happened for one in alerts.history_of(session, olive, kept)]
    assert happened == [Happened.ACKNOWLEDGED, Happened.ESCALATED, Happened.FIRED]

    # The bound is one it keeps: the next reading is another question, and nothing fires.
    edit = asked | {"id": kept, "version": _alert(kept).version, "rule": MUCH | {"bound": "1"}}
    keep(sam, alerts.EditAlert.model_validate(edit))
    assert watch(began + timedelta(hours=2)).fired == 0
    assert _alert(kept).standing is Standing.RESOLVED


def test_an_acknowledged_alert_calls_nobody_else_and_a_snoozed_one_is_told_again(inside: House) -> None:
    olive, sam, now = _person("olive"), _person("sam"), datetime.now(UTC)
    asked = {"name": "One", "rule": MUCH, "on_duty_id": olive.membership_id, "escalate_minutes": 5}
    first = keep(sam, alerts.KeepAlert.model_validate(asked)).id
    second = keep(sam, alerts.KeepAlert.model_validate(asked | {"name": "Two"})).id
    assert watch(now).fired == 2
    with writing() as session:
        alerts.acknowledge_alert(session, sam, alerts.AnAlert(id=first))
        alerts.snooze_alert(session, sam, alerts.SnoozeAlert(id=second, minutes=60))
    assert watch(now + timedelta(minutes=30)).escalated == 0
    assert watch(now + timedelta(minutes=62)).escalated == 1
    with reading() as session:
        titles = [one.title for one in inbox.notices_of(session, sam)]
    # The two fired at one moment, so neither was first.
    assert (titles[0], sorted(titles[1:])) == ("Two: still so", ["One", "Two"])


def test_nobody_watches_what_their_rights_do_not_show_and_a_right_that_was_lost_pauses(inside: House) -> None:
    quota = {"kind": "threshold", "metric": "quota_attainment", "side": "over", "bound": "0"}
    olive, sam = _person("olive"), _person("sam")
    with pytest.raises(Unknown, match="no metric"):
        keep(sam, alerts.KeepAlert.model_validate({"name": "Quota", "rule": quota}))
    with writing() as session:
        # Past the door: the reading is the second lock.
        forced = alerts.keep_alert(session, sam, alerts.KeepAlert.model_validate({"name": "Quota", "rule": quota})).id
    own = keep(olive, alerts.KeepAlert.model_validate({"name": "Quota", "rule": quota})).id
    looked = watch()
    assert (looked.paused, looked.read) == (1, 1)
    assert _alert(own).standing is not Standing.OK
    paused = _alert(forced)
    assert "There is no metric" in str(paused.paused_because)
    with reading() as session:
        assert alerts.history_of(session, sam, forced)[0].value is None


def test_an_alert_whose_owner_left_pauses_says_so_and_goes_to_whoever_resumes_it(inside: House) -> None:
    olive, sam = _person("olive"), _person("sam")
    kept = keep(sam, alerts.KeepAlert.model_validate({"name": "Won little", "rule": MUCH})).id
    with writing() as session:
        session.get_one(Membership, sam.membership_id).is_active = False
    assert watch().paused == 1
    with reading() as session:
        [told] = [one for one in inbox.notices_of(session, olive) if one.topic == "alert"]
        assert (told.title, "no longer an active member" in told.text) == ("Won little is paused", True)
    with writing() as session:
        found = alerts.resume_alert(session, olive, alerts.OneAlert(id=kept, version=_alert(kept).version))
        assert found.membership_id == olive.membership_id
    assert watch().fired == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "change", "metric": "won_value", "side": "moves", "by": "0.01", "against": "previous"},
        {"kind": "change", "metric": "won_value", "side": "moves", "by": "0.01", "against": "year"},
        {"kind": "change", "metric": "won_value", "side": "moves", "by": "1", "grain": "week", "against": "year"},
        {"kind": "change", "metric": "open_pipeline_value", "side": "moves", "by": "0.01"},
        {"kind": "anomaly", "metric": "won_value", "grain": "week"},
        {"kind": "anomaly", "metric": "open_deal_count", "grain": "week"},
        {"kind": "threshold", "metric": "win_rate", "side": "under", "bound": "1", "is_running": True},
        {"kind": "freshness", "hours": 1},
        {"kind": "check"},
        {"kind": "job"},
    ],
    ids=lambda rule: "-".join(map(str, rule.values())),
)
def test_every_kind_of_rule_is_read(inside: House, rule: dict[str, Any]) -> None:
    kept = keep(_person("sam"), alerts.KeepAlert.model_validate({"name": "Any", "rule": rule})).id
    looked = watch()
    found = _alert(kept)
    assert (looked.read, found.problem, found.paused_because) == (1, None, None)
