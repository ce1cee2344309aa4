"""The exports of Mailchimp become people, what they allowed, campaigns and what was opened and clicked, and when."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from tests.warehouse.imports.looking import by_name, counted, name_of, rows_of
from tests.warehouse.imports.mailchimp_exports import CLICKS, MAILCHIMP, OPENS, SUBSCRIBED, UNSUBSCRIBED
from warehouse.imports.load import ImportReport
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.undo import undo
from warehouse.oltp.customers import Customer, CustomerStatus, CustomerType
from warehouse.oltp.engine import writing
from warehouse.oltp.marketing import Campaign, CampaignStatus, CampaignType
from warehouse.oltp.marketing_interactions import (
    Consent,
    ConsentPurpose,
    Interaction,
    InteractionKind,
    Suppression,
    SuppressionReason,
)
from warehouse.operations.marketing import note_consent
from warehouse.tenancy import Actor

Import = Callable[..., ImportReport]
ACTIVITY = tuple(name for name in MAILCHIMP if name.startswith("granular_activity/"))
REST = tuple(name for name in MAILCHIMP if name not in ACTIVITY)


def _allowed() -> list[tuple[str | None, bool, datetime]]:
    """Who allowed what, in the order it happened."""
    rows = [(name_of(Customer, row.customer_id), row.is_given, row.happened_at) for row in rows_of(Consent)]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def _touches() -> set[tuple[str | None, str | None, InteractionKind, datetime]]:
    """Whom, in which campaign, what, when."""
    return {
        (name_of(Customer, row.customer_id), name_of(Campaign, row.campaign_id), row.kind, row.happened_at)
        for row in rows_of(Interaction)
    }


def test_everybody_in_the_audience_is_a_customer_once(bring_vendor: Import) -> None:
    report = bring_vendor("mailchimp")
    assert report.read == {"customers": 5, "consents": 5, "suppressions": 2, "campaigns": 2, "interactions": 6}
    customers = by_name(Customer)
    assert set(customers) == {"Sol Vik", "ana@quarry.test", "Old Hand", "Kim Frost", "Gale Moor"}
    sol = customers["Sol Vik"]
    assert (sol.email, sol.customer_type, sol.status) == (
        "sol@pebble.test",
        CustomerType.INDIVIDUAL,
        CustomerStatus.LEAD,
    )
    assert (sol.country, sol.address, sol.phone) == ("NO", "1 Quay Street, Bergen", "+47 555 02")
    assert (sol.metadata_["tags"], sol.metadata_["member_rating"]) == ('"VIP","Blog"', "4")


def test_what_people_allowed_is_known_since_they_did(bring_vendor: Import) -> None:
    bring_vendor("mailchimp")
    assert _allowed() == [
        ("Sol Vik", True, datetime(2024, 1, 10, 9, 6, tzinfo=UTC)),
        ("Kim Frost", True, datetime(2024, 1, 11, 9, 1, tzinfo=UTC)),
        ("Gale Moor", True, datetime(2024, 1, 12, 8, tzinfo=UTC)),
        ("ana@quarry.test", True, datetime(2024, 1, 12, 8, tzinfo=UTC)),
        ("Kim Frost", False, datetime(2024, 3, 2, 7, 30, tzinfo=UTC)),
    ]
    rows = rows_of(Consent)
    assert {(row.recorded_at == row.happened_at, row.recorded_at_assumed) for row in rows} == {(True, True)}
    (taken_back,) = rows_of(Consent, Consent.is_given.is_(False))
    assert "Spring roofs · NORMAL" in (taken_back.evidence or "")


def test_who_unsubscribed_or_could_not_be_reached_is_not_written_to(bring_vendor: Import) -> None:
    bring_vendor("mailchimp")
    kim, gale = sorted(rows_of(Suppression), key=lambda row: row.address, reverse=True)
    assert (kim.address, kim.reason, kim.since) == (
        "kim@frost.test",
        SuppressionReason.UNSUBSCRIBED,
        date(2024, 3, 2),
    )
    assert (gale.address, gale.reason, gale.since) == ("gone@moor.test", SuppressionReason.BOUNCED, date(2024, 3, 1))
    assert name_of(Customer, gale.customer_id) == "Gale Moor"


def test_who_called_it_spam_complained(bring_vendor: Import) -> None:
    bring_vendor("mailchimp", (UNSUBSCRIBED, ",NORMAL,", ",SPAM,"))
    (kim,) = rows_of(Suppression, Suppression.address == "kim@frost.test")
    assert kim.reason is SuppressionReason.COMPLAINED


def test_a_campaign_keeps_its_totals_and_makes_no_events_of_them(bring_vendor: Import) -> None:
    bring_vendor("mailchimp", without=ACTIVITY)
    (spring,) = rows_of(Campaign)
    assert (spring.name, spring.campaign_type, spring.status) == (
        "Spring roofs",
        CampaignType.EMAIL,
        CampaignStatus.COMPLETED,
    )
    assert spring.scheduled_start_on == date(2024, 3, 1)
    assert (spring.metadata_["unique_opens"], spring.metadata_["total_opens"]) == ("2", "9")
    assert rows_of(Interaction) == []


def test_opens_and_clicks_with_a_moment_become_interactions_of_their_campaign(bring_vendor: Import) -> None:
    report = bring_vendor("mailchimp")
    spring, opened, clicked = "Spring roofs", InteractionKind.OPENED, InteractionKind.CLICKED
    assert _touches() == {
        ("Sol Vik", spring, opened, datetime(2024, 3, 1, 22, 0, 1, tzinfo=UTC)),
        ("Sol Vik", spring, opened, datetime(2024, 3, 2, 7, 10, tzinfo=UTC)),
        ("Kim Frost", spring, opened, datetime(2024, 3, 2, 7, 20, tzinfo=UTC)),
        (None, spring, opened, datetime(2024, 3, 2, 8, tzinfo=UTC)),
        ("Sol Vik", spring, clicked, datetime(2024, 3, 2, 7, 10, 30, tzinfo=UTC)),
        ("Sol Vik", "Summer fences", opened, datetime(2024, 6, 1, 10, tzinfo=UTC)),
    }
    assert {row.channel for row in rows_of(Interaction)} == {"email"}
    assert counted(report, "interactions_unknown_customers") == 1


def test_a_moment_that_is_none_is_left_out(bring_vendor: Import) -> None:
    report = bring_vendor("mailchimp", (CLICKS, "2024-03-02 07:10:30", "yesterday"))
    assert [(file, rows) for file, rows, _ in report.rejects] == [(CLICKS, 1)]
    assert InteractionKind.CLICKED not in {row.kind for row in rows_of(Interaction)}


def test_who_leaves_after_the_last_export_takes_back_what_they_allowed(bring_vendor: Import) -> None:
    bring_vendor("mailchimp")
    row = "ana@quarry.test,,,,,,2,,,2024-01-12 08:00:00,,,,,,,,,2024-07-01 09:00:00,,,NORMAL,,1002,aa02,,\n"
    report = bring_vendor("mailchimp", (UNSUBSCRIBED, "kim@frost", f"{row}kim@frost"), (SUBSCRIBED, "\nana@", "\neva@"))
    assert report.written["suppressions"] == 1
    assert _allowed()[-1] == ("ana@quarry.test", False, datetime(2024, 7, 1, 9, tzinfo=UTC))


def test_events_that_come_later_find_whom_they_are_of_and_are_never_taken_back(
    bring_vendor: Import, ana: Actor
) -> None:
    bring_vendor("mailchimp", without=ACTIVITY)
    later = (*REST, ACTIVITY[-1])
    report = bring_vendor("mailchimp", without=later)
    assert report.written == {"interactions": 5}
    assert {touch[1] for touch in _touches()} == {"Spring roofs"}
    with pytest.raises(ImportProblem, match="nothing but events of records that stay"), writing() as session:
        undo(session, ana, report.id)
    assert bring_vendor("mailchimp", without=later).written == {}


def test_events_of_what_goes_go_with_it_and_come_back_once(bring_vendor: Import, ana: Actor) -> None:
    bring_vendor("mailchimp", without=ACTIVITY)
    report = bring_vendor("mailchimp", without=REST)
    assert report.written == {"campaigns": 1, "interactions": 6}
    with writing() as session:
        undo(session, ana, report.id)
    assert bring_vendor("mailchimp", without=REST).written == {"campaigns": 1, "interactions": 1}


def test_people_whose_consent_was_noted_since_are_not_taken_back(bring_vendor: Import, ana: Actor) -> None:
    report = bring_vendor("mailchimp")
    given = {"customer_id": by_name(Customer)["Old Hand"].id, "purpose": ConsentPurpose.MARKETING, "is_given": True}
    with writing() as session:
        note_consent(session, ana, note_consent.input(**given))
    with pytest.raises(ImportProblem, match=r"1 made since refer to its records \(1 consents\)"), writing() as session:
        undo(session, ana, report.id)
    with writing() as session:
        assert undo(session, ana, report.id, force=True)["customers"] == 5


def test_an_event_that_comes_again_is_the_same_event(bring_vendor: Import) -> None:
    bring_vendor("mailchimp")
    twice = MAILCHIMP[OPENS].splitlines()[1]
    assert bring_vendor("mailchimp", (OPENS, twice, f"{twice}\n{twice}")).written == {}
