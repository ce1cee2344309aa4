"""A row that breaks a rule stays out, with its reason; every other row is loaded."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from warehouse.imports.load import ImportReport
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import CheckResult, Organization, Severity
from warehouse.oltp.sales import Opportunity
from warehouse.oltp.sales_catalogue import Product
from warehouse.settings import settings

Import = Callable[..., ImportReport]
PIPELINE = "sales_pipeline.csv"


def _rejected(report: ImportReport, file: str) -> list[dict[str, str]]:
    (place,) = [place for name, _, place in report.rejects if name == file]
    with Path(place).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _count(kind: type[Any]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


BAD = {
    "a day": (PIPELINE, "2017-02-09", "2017-02-30", "2", "closed_on: '2017-02-30' is not a date like 2026-01-31"),
    "an amount": (PIPELINE, "5000", "five", "2", "amount: 'five' is not an amount of zero or more"),
    "a stage": (PIPELINE, "Lost", "Lots", "3", "stage: 'Lots' is not one of lead, qualified"),
    "a blank key": (PIPELINE, "A2,", ",", "3", "the key column 'opportunity_id' is blank"),
    "a row too short": (PIPELINE, ",Lost,2017-02-10,2017-03-12,0", "", "3", "it has 4 cells where the heading has 8"),
    "a row too long": (PIPELINE, "2017-03-12,0", "2017-03-12,0,x", "3", "it has 9 cells where the heading has 8"),
    "a long key": (PIPELINE, "A2,", "A" * 301 + ",", "3", "has more than 300 characters"),
    "a NUL byte": (PIPELINE, "A2,", "A\x002,", "3", "it holds a NUL byte"),
    "another currency": (PIPELINE, "5000", "€5000", "2", "amount: '€5000' is in €, the mapping says USD"),
}


@pytest.mark.parametrize(("file", "old", "new", "row", "reason"), BAD.values(), ids=BAD.keys())
def test_a_row_that_breaks_a_rule_is_listed_and_the_others_are_loaded(
    bring: Import, file: str, old: str, new: str, row: str, reason: str
) -> None:
    report = bring((file, old, new))
    (rejected,) = _rejected(report, file)
    assert rejected["row"] == row
    assert reason in rejected["reason"]
    assert (report.read["opportunities"], _count(Opportunity)) == (3, 3)


def test_a_rejected_row_keeps_its_own_cells(bring: Import) -> None:
    (rejected,) = _rejected(bring((PIPELINE, "5000", "five")), PIPELINE)
    assert (rejected["opportunity_id"], rejected["account"], rejected["close_value"]) == ("A1", "Pebble & Sons", "five")


def test_rejects_lie_beside_the_import_in_the_data_folder(bring: Import) -> None:
    report = bring((PIPELINE, "5000", "five"))
    ((file, rows, place),) = report.rejects
    assert (file, rows) == (PIPELINE, 1)
    assert place == settings().home / "imports" / report.id / "sales_pipeline-rejects.csv"
    assert place.stat().st_mode & 0o077 == 0


def test_each_reason_is_a_check_result_that_names_no_value_of_the_row(bring: Import, acme: Organization) -> None:
    bring((PIPELINE, "5000", "Robin's secret"), (PIPELINE, "A2,", ","))
    with reading() as session:
        kept = {c.check_name: c for c in session.scalars(select(CheckResult)) if "rejected" in c.check_name}
    assert set(kept) == {"sales_pipeline_rejected_amount", "sales_pipeline_rejected_blank_key"}
    amount = kept["sales_pipeline_rejected_amount"]
    assert (amount.source, amount.rows_failing, amount.severity) == ("import", 1, Severity.WARN)
    assert (amount.organization_id, amount.sample_ids) == (acme.id, ["row 2"])
    assert not [check for check in kept.values() if "secret" in check.message]


def test_of_two_rows_with_one_key_that_differ_the_first_is_loaded(bring: Import) -> None:
    row = "Kite One,Kite,120\n"
    (rejected,) = _rejected(bring(("products.csv", row, row + "Kite One,Kite,121\n")), "products.csv")
    assert (rejected["row"], "row 3 share the key 'Kite One'" in rejected["reason"]) == ("4", True)
    with reading() as session:
        assert [int(p.list_price or 0) for p in session.scalars(select(Product).order_by(Product.name))] == [4821, 120]


def test_a_good_row_after_a_bad_one_with_its_key_is_loaded(bring: Import) -> None:
    report = bring(("products.csv", "Kite One,Kite,120\n", "Kite One,Kite,dear\nKite One,Kite,121\n"))
    assert [rejected["row"] for rejected in _rejected(report, "products.csv")] == ["3"]
    assert _count(Product) == 2


def test_what_names_a_rejected_row_stays_unknown_and_says_so(bring: Import) -> None:
    report = bring(("accounts.csv", "140", "many"))
    (finding,) = [finding for finding in report.findings if finding.name == "opportunities_rejected_customers"]
    assert (finding.rows, _count(Customer), _count(Opportunity)) == (1, 2, 4)


def test_a_corrected_row_joins_the_others_with_the_next_import(bring: Import) -> None:
    bring(("accounts.csv", "140", "many"))
    report = bring()
    assert report.written == {"customers": 1, "opportunities": 1}
    assert report.rejects == []
    with reading() as session:
        deal = session.scalars(select(Opportunity).where(Opportunity.name.startswith("Pebble"))).one()
        assert deal.customer_id == session.scalars(select(Customer.id).where(Customer.name == "Pebble & Sons")).one()


def test_a_blank_name_is_a_reject_and_not_a_failure_of_the_store(bring: Import, tmp_path: Path) -> None:
    row = "A4,Sage Stone,Kite One,Tin Whistle Ltd,Prospecting,,,\n"
    report = bring((PIPELINE, row, "A4,Sage Stone,,,Prospecting,,,\n"))
    assert _rejected(report, PIPELINE)[0]["reason"] == "name is blank"


def test_a_name_longer_than_its_field_is_a_reject_on_every_engine(bring: Import) -> None:
    (rejected,) = _rejected(bring(("products.csv", "Kite One,Kite", f"Kite One,{'K' * 101}")), "products.csv")
    assert "is not a text of at most 100 characters" in rejected["reason"]


def test_a_dry_run_tells_the_same_and_writes_nothing(bring: Import) -> None:
    bad = (PIPELINE, "5000", "five")
    dry = bring(bad, dry_run=True)
    assert (_count(Customer), _count(CheckResult), _count(Opportunity)) == (0, 0, 0)
    wet = bring(bad)
    assert (dry.read, dry.written) == (wet.read, wet.written)
    assert [(f.name, f.rows, f.message) for f in dry.findings] == [(f.name, f.rows, f.message) for f in wet.findings]
    assert [rows for _, rows, _ in dry.rejects] == [rows for _, rows, _ in wet.rejects]


def test_a_dry_run_creates_no_organization(bring: Import) -> None:
    assert bring(slug="initech", dry_run=True).created
    assert _count(Organization) == 1
