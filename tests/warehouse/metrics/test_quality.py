"""Scores of data quality, by hand: shares of rows, the worst table for a number, the mean for all."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from warehouse.extracts.described import Description, Quality
from warehouse.metrics.quality import kind_of, score_all, score_metric, score_tables, timeliness
from warehouse.oltp.organization import CheckResult, Severity

KNOWN = Description({}, {"not_null_deals": Quality.COMPLETENESS, "unique_deals": Quality.UNIQUENESS})
ONE = Decimal(1)


def check(name: str, subject: str, failing: int = 0, source: str = "dbt") -> CheckResult:
    told = {"severity": Severity.WARN, "sample_ids": [], "message": "", "checked_at": datetime.now(UTC)}
    return CheckResult(
        source=source, check_name=name, subject=subject, passed=not failing, rows_failing=failing, **told
    )


def test_a_share_is_of_the_rows_no_check_of_its_kind_finds_fault_with() -> None:
    checks = [check("not_null_deals", "deals", 10), check("unique_deals", "deals"), check("assert_x", "deals", 50)]
    deals = score_tables(checks, {"deals": 200}, KNOWN, ONE)["deals"]
    assert deals.shares == {
        Quality.COMPLETENESS: Decimal("0.95"),
        Quality.UNIQUENESS: ONE,
        Quality.CONSISTENCY: Decimal("0.75"),
        Quality.TIMELINESS: ONE,
    }
    assert deals.value == Decimal("0.925")
    assert deals.weakest is Quality.CONSISTENCY
    assert [one.check_name for one in deals.failing] == ["not_null_deals", "assert_x"]


def test_faults_never_take_more_than_everything() -> None:
    checks = [check("not_null_deals", "deals", 150), check("not_null_deals", "deals", 150)]
    assert score_tables(checks, {"deals": 200}, KNOWN, ONE)["deals"].shares[Quality.COMPLETENESS] == 0


def test_a_check_that_fails_where_there_are_no_rows_leaves_nothing() -> None:
    assert score_tables([check("assert_x", "deals", 3)], {}, KNOWN, ONE)["deals"].shares[Quality.CONSISTENCY] == 0


def test_a_number_is_no_better_than_the_worst_table_behind_it_and_all_are_the_mean() -> None:
    checks = [
        check("not_null_deals", "deals", 20),
        check("not_null_deals", "bills"),
        check("not_null_deals", "uses", 1),
    ]
    scores = score_tables(checks, {"deals": 100, "bills": 10, "uses": 100}, KNOWN, ONE)
    number = score_metric(["deals", "bills", "a table nothing looks at"], scores)
    assert number.shares[Quality.COMPLETENESS] == Decimal("0.8")
    assert [one.subject for one in number.failing] == ["deals"]
    whole = score_all(scores)
    assert whole.shares[Quality.COMPLETENESS] == (Decimal("0.8") + 1 + Decimal("0.99")) / 3
    assert whole.checks == 3


def test_where_nothing_looks_nothing_is_claimed() -> None:
    assert score_metric(["deals"], {}).value is None
    assert score_all({}).weakest is None


@pytest.mark.parametrize(
    ("waited", "share"),
    [(None, 1), (Decimal(45), 1), (Decimal(90), Decimal("0.5")), (Decimal(450), Decimal("0.1"))],
)
def test_what_waits_longer_than_allowed_is_less_timely(waited: Decimal | None, share: Decimal) -> None:
    assert timeliness(waited, 45) == share


@pytest.mark.parametrize(
    ("name", "source", "kind"),
    [
        ("not_null_deals", "dbt", Quality.COMPLETENESS),
        ("a test nobody described", "dbt", Quality.CONSISTENCY),
        ("name_is_there_once", "great_expectations", Quality.UNIQUENESS),
        ("name_is_there", "great_expectations", Quality.COMPLETENESS),
        ("email_is_an_address", "great_expectations", Quality.VALIDITY),
        ("same_rows", "reconciliation", Quality.CONSISTENCY),
    ],
)
def test_every_check_is_of_a_kind(name: str, source: str, kind: Quality) -> None:
    assert kind_of(check(name, "deals", 0, source), KNOWN) is kind
