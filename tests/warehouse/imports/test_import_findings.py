"""What an import cannot take as it is: it is counted, or with `strict` nothing is written at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.warehouse.imports.conftest import MAPPING
from tests.warehouse.imports.looking import count_of, everything, rows_of
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import CheckResult, Organization
from warehouse.oltp.sales import Opportunity, OpportunityLineItem
from warehouse.oltp.sales_catalogue import Product

Import = Callable[..., ImportReport]
WON = "Pebble & Sons · GTXPro"


def _deal(name: str) -> Opportunity:
    (found,) = rows_of(Opportunity, Opportunity.name == name)
    return found


def _finding(report: ImportReport, name: str) -> Any:
    return next(finding for finding in report.findings if finding.name == name)


def test_a_word_the_mapping_repairs_is_counted(bring: Import) -> None:
    report = bring()
    finding = _finding(report, "opportunities_repaired_product_GTXPro")
    assert (finding.rows, finding.sample) == (1, [_deal(WON).id])
    (line,) = rows_of(OpportunityLineItem, OpportunityLineItem.opportunity_id == _deal(WON).id)
    (product,) = rows_of(Product, Product.name == "GTX Pro")
    assert line.product_id == product.id


def test_a_record_that_no_file_describes_becomes_a_finding_and_stays_unknown(bring: Import) -> None:
    report = bring(("sales_pipeline.csv", "Quarry Lane,Lost", "Nobody Inc,Lost"))
    finding = _finding(report, "opportunities_unknown_customers")
    assert (finding.rows, "'Nobody Inc'" in finding.message) == (1, True)
    assert _deal("Nobody Inc · Kite One").customer_id is None


def test_blanks_are_counted_and_kept_as_checks_of_the_organization(bring: Import, acme: Organization) -> None:
    report = bring()
    assert _finding(report, "opportunities_without_customer_id").rows == 1
    assert _finding(report, "opportunities_without_amount").rows == 2
    with reading() as session:
        kept = {check.check_name: check for check in session.scalars(select(CheckResult))}
    assert set(kept) == {finding.name for finding in report.findings}
    assert {check.organization_id for check in kept.values()} == {acme.id}
    assert (kept["opportunities_without_amount"].rows_failing, kept["opportunities_without_amount"].source) == (
        2,
        "import",
    )


def test_findings_never_hold_a_closing_day_against_an_open_deal(bring: Import) -> None:
    assert not [finding for finding in bring().findings if "closed_on" in finding.name]


BAD = {
    "a day that does not exist": (
        "sales_pipeline.csv",
        "2017-02-09",
        "2017-02-30",
        "sales_pipeline.csv row 2, closed_on",
    ),
    "a day in another order": ("sales_pipeline.csv", "2017-02-09", "09/02/2017", "a date like 2026-01-31"),
    "an amount in words": ("sales_pipeline.csv", "5000", "five", "sales_pipeline.csv row 2, amount: 'five'"),
    "an amount that is no number": ("sales_pipeline.csv", "5000", "NaN", "row 2, amount: 'NaN' is not an amount"),
    "an amount without end": ("sales_pipeline.csv", "5000", "Infinity", "row 2, amount: 'Infinity' is not an amount"),
    "an amount with dust": ("sales_pipeline.csv", "5000", "0.123456", "row 2, amount: '0.123456' is not an amount"),
    "an amount too large": ("sales_pipeline.csv", "5000", "1e15", "row 2, amount: '1e15' is not an amount"),
    "an amount below zero": (
        "sales_pipeline.csv",
        "5000",
        "-5",
        "row 2, amount: '-5' is not an amount of zero or more",
    ),
    "a stage nobody knows": (
        "sales_pipeline.csv",
        "Lost",
        "Lots",
        "row 3, stage: 'Lots' is not one of lead, qualified",
    ),
    "half a person": ("accounts.csv", "140", "140.5", "accounts.csv row 2, employees: '140.5' is not a whole number"),
    "people without end": ("accounts.csv", "140", "Infinity", "row 2, employees: 'Infinity' is not a whole number"),
    "fewer people than none": (
        "accounts.csv",
        "140",
        "-1",
        "row 2, employees: '-1' is not a whole number of zero or more",
    ),
    "a blank key": ("products.csv", "Kite One,Kite", ",Kite", "products.csv row 3: the key column 'product' is blank"),
}


@pytest.mark.parametrize(("file", "old", "new", "told"), BAD.values(), ids=BAD.keys())
def test_strict_refuses_a_bad_value_with_its_place_and_nothing_is_written(
    bring: Import, file: str, old: str, new: str, told: str
) -> None:
    before = everything()
    with pytest.raises(ImportProblem) as refused:
        bring((file, old, new), strict=True)
    assert told in str(refused.value)
    assert everything() == before


@pytest.mark.parametrize(
    ("file", "row", "other"),
    [
        ("products.csv", "Kite One,Kite,120\n", "Kite One,Kite,121\n"),
        (
            "sales_pipeline.csv",
            "A4,Sage Stone,Kite One,Tin Whistle Ltd,Prospecting,,,\n",
            "A4,Sage Stone,Kite One,Tin Whistle Ltd,Prospecting,,2017-04-04,\n",
        ),
    ],
)
def test_strict_refuses_two_rows_with_one_key_that_differ(bring: Import, file: str, row: str, other: str) -> None:
    before = everything()
    with pytest.raises(ImportProblem, match="share the key"):
        bring((file, row, row + other), strict=True)
    assert everything() == before


def test_two_rows_that_are_the_same_are_one_record(bring: Import) -> None:
    bring(("products.csv", "Kite One,Kite,120\n", "Kite One,Kite,120\n" * 2))
    assert count_of(Product) == 2


def test_rows_that_differ_only_in_the_product_of_a_line_are_not_dropped_in_silence(
    bring: Import, tmp_path: Path
) -> None:
    text = MAPPING.read_text(encoding="utf-8").replace("{join: [account, product]}", "opportunity_id")
    (tmp_path / "mapping.yml").write_text(text, encoding="utf-8")
    bring()
    row = "A2,Robin Reed,Kite One,Quarry Lane,Lost,2017-02-10,2017-03-12,0\n"
    path = tmp_path / "export" / "sales_pipeline.csv"
    path.write_text(path.read_text().replace(row, row + row.replace("Kite One", "GTX Pro")))
    mapping, sheets = read_export(tmp_path / "export", tmp_path / "mapping.yml")
    with pytest.raises(ImportProblem, match="share the key 'A2'"), writing() as session:
        import_export(session, mapping, sheets, "globex", strict=True)
