"""A kept dashboard goes out at its hour: to each recipient with their own rights, as PDF and as CSV, over a real mail server."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from apps.identity import post
from apps.outward.reports import send_reports
from tests.apps.test_post import Server
from tests.houses import House
from tests.journeys.test_incident import inside, mails  # noqa: F401 - fixtures
from warehouse.metrics.receipts import read_receipt
from warehouse.oltp.alerts import ReportSchedule
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import Membership, Receipt
from warehouse.operations import dashboards, inbox, reports
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.identity import member_actor
from warehouse.operations.organization import find_organization
from warehouse.tenancy import Actor

BODY = {
    "name": "monday",
    "title": "Monday – Überblick",
    "figures": ["won_value", "win_rate"],
    "rows": [
        [{"title": "Won by month", "form": "columns", "metrics": ["won_value"], "over": "trend"}],
        [{"title": "By rep", "form": "table", "metrics": ["won_value"], "by": ["sales_rep"]}],
        [{"title": "Quota", "form": "bars", "metrics": ["quota_attainment"], "by": ["sales_rep"]}],
    ],
}


def _person(name: str) -> Actor:
    with reading() as session:
        return member_actor(session, find_organization(session, "demo").id, f"{name}@demo.example")


def _parts(mail: EmailMessage) -> tuple[bytes, list[dict[str, str]]]:
    pdf, rows = mail.iter_attachments()
    assert (pdf.get_content_type(), rows.get_content_type()) == ("application/pdf", "text/csv")
    assert rows.get_content_charset() == "utf-8"
    told = rows.get_payload(decode=True)
    assert isinstance(told, bytes)
    return pdf.get_content(), list(csv.DictReader(io.StringIO(told.decode("utf-8-sig"))))


def _schedule(owner: Actor, recipients: list[Actor], *, is_shared: bool = True) -> str:
    with writing() as session:
        kept = dashboards.keep_dashboard(session, owner, dashboards.KeepDashboard(body=BODY, is_shared=is_shared))
        to = [str(one.membership_id) for one in recipients]
        made = reports.schedule_report(
            session, owner, reports.ScheduleReport(dashboard_id=kept.id, recipients=to, every="day", at_hour=7)
        )
        made.next_at = datetime(2020, 1, 1, tzinfo=UTC)
        return made.id


def test_each_recipient_gets_it_with_their_own_rights(inside: House, mails: Server) -> None:  # noqa: F811
    olive, sam, vera = _person("olive"), _person("sam"), _person("vera")
    report = _schedule(olive, [olive, sam, vera])
    with writing() as session:
        session.get_one(Membership, vera.membership_id).is_active = False
    assert send_reports() == 2
    assert post.post_due() >= 2
    # Besides, owners and admins hear that data about people went out.
    told = {str(mail["To"]): _parts(mail) for mail in mails.mails() if list(mail.iter_attachments())}
    assert set(told) == {"olive@demo.example", "sam@demo.example"}
    cards = {to: {row["Card"] for row in rows} for to, (_, rows) in told.items()}
    assert cards["olive@demo.example"] - cards["sam@demo.example"] == {"Quota"}
    for pdf, rows in told.values():
        assert pdf.startswith(b"%PDF-")
        assert pdf.count(b"/Subtype /Image") >= 1
        with reading() as session:
            for receipt in {row["Receipt"] for row in rows}:
                stored = read_receipt(session, receipt)
                assert session.get_one(Receipt, stored.id).kept
    with reading() as session:
        row = session.get_one(ReportSchedule, report)
        assert row.problem is None
        assert row.next_at > datetime.now(UTC)
        assert [one.title for one in inbox.notices_of(session, sam)] == ["Monday – Überblick was mailed to you"]
    assert send_reports() == 0


def test_a_report_nobody_may_see_any_more_says_so(inside: House, mails: Server) -> None:  # noqa: F811
    olive, sam = _person("olive"), _person("sam")
    report = _schedule(olive, [sam])
    with writing() as session:
        board = session.get_one(dashboards.SavedDashboard, session.get_one(ReportSchedule, report).dashboard_id)
        board.is_shared = False
    assert send_reports() == 0
    with reading() as session:
        assert "Nobody" in str(session.scalars(select(ReportSchedule.problem)).one())
        assert "could not be sent" in inbox.notices_of(session, olive)[0].title


def test_a_dashboard_of_ones_own_goes_to_nobody_else(inside: House) -> None:  # noqa: F811
    with pytest.raises(NotAllowedNow, match="share it"):
        _schedule(_person("olive"), [_person("olive"), _person("sam")], is_shared=False)


@pytest.mark.parametrize(
    ("every", "on_day", "expected"),
    [
        ("day", 1, "2026-11-30 07:00"),
        ("week", 1, "2026-11-30 07:00"),
        ("week", 7, "2026-12-06 07:00"),
        ("month", 31, "2026-11-30 07:00"),
        ("month", 29, "2026-12-29 07:00"),
    ],
)
def test_the_next_hour_is_the_organizations(every: str, on_day: int, expected: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    found = reports.next_sending(now, every, on_day, 7, berlin)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=berlin)


def test_an_hour_that_stays_by_the_clock_moves_by_the_sun() -> None:
    """The clocks go forward between the two."""
    berlin = ZoneInfo("Europe/Berlin")
    found: Callable[[datetime], datetime] = lambda now: reports.next_sending(now, "day", 1, 7, berlin)  # noqa: E731
    assert found(datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert found(datetime(2026, 3, 27, 12, tzinfo=UTC)) == datetime(2026, 3, 28, 6, tzinfo=UTC)
