"""A mapping that cannot be followed is refused with the place of the mistake and the nearest right word."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from warehouse.imports.load import read_export
from warehouse.imports.mapping import ImportProblem, Mapping, read_mapping, shipped_mappings
from warehouse.settings import CHECKOUT

SHIPPED = CHECKOUT / "warehouse" / "imports" / "crm_maven.yml"


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """The shipped mapping with one text replaced."""

    def replace(old: str, new: str) -> Path:
        told = SHIPPED.read_text(encoding="utf-8")
        assert old in told
        path = tmp_path / "mapping.yml"
        path.write_text(told.replace(old, new, 1), encoding="utf-8")
        return path

    return replace


def _refusal(path: Path, folder: Path | None = None) -> str:
    with pytest.raises(ImportProblem) as refused:
        read_export(folder, path) if folder else read_mapping(path)
    return str(refused.value)


def test_every_shipped_mapping_can_be_followed() -> None:
    assert set(shipped_mappings()) == {"crm_maven", "hubspot", "mailchimp", "pipedrive", "salesforce", "zendesk"}
    for name in shipped_mappings():
        assert read_mapping(Path(name)).entities


def test_a_mistyped_field_is_named_with_its_place_and_the_nearest(changed: Callable[[str, str], Path]) -> None:
    told = _refusal(changed("      sector: sector", "      secter: sector"))
    assert "entities → 3 (customers)" in told
    assert "'secter'; nearest: sector" in told


def test_a_field_of_ours_that_only_the_platform_writes_is_no_field(changed: Callable[[str, str], Path]) -> None:
    for name in ("organization_id", "change_seq", "derived_as_of", "version"):
        assert f"customers has no field '{name}'" in _refusal(changed("      sector: sector", f"      {name}: sector"))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("source: crm_maven", "source: crm_maven\nsorce: x", "sorce: Extra inputs"),
        ("    key: account\n", "    key: account\n    keys: x\n", "entities → 3 (customers) → keys: Extra inputs"),
        ("{value: customer}", "{value: customer, colum: x}", "→ status"),
        ("{value: customer}", "{value: customer, column: x}", "exactly one of column, value, join, first or named"),
        ("{value: customer}", "{}", "exactly one of column, value, join, first or named"),
        ("into: products", "into: product", "entities → 2"),
        ("      sector: sector", "      sector: {first: [sector], values: {a: b}}", "belong to the rules inside first"),
        (
            "      sector: sector",
            "      sector: {first: [{column: sector, ref: customers}]}",
            "do not belong inside first",
        ),
        ("      sector: sector", "      sector: {column: sector, when: open}", "sector belongs to no deal"),
        ("opened_on: engage_date", "opened_on: {column: engage_date, not_after: stage}", "are not both days"),
        ("ref: customers", "ref: customer", "parent_customer_id names customers"),
        ("currency: USD", "currency: dollars", "currency"),
        ("source: crm_maven", "source: CRM Maven", "source"),
        ("    file: products.csv\n", "", "entities → 2 (products) → file: Field required"),
    ],
)
def test_a_mistake_is_named_with_its_place(changed: Callable[[str, str], Path], old: str, new: str, place: str) -> None:
    assert place in _refusal(changed(old, new))


@pytest.mark.parametrize("text", ["entities: [", "a: b: c", "\t- x", "key: 'unfinished"])
def test_what_is_no_yaml_is_said_to_be_unreadable(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(text)
    assert "mapping.yml is not readable YAML" in _refusal(path)


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n", "42"])
def test_yaml_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(text)
    assert "not a mapping we can follow" in _refusal(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    path.write_bytes(b"source: \xff\xfe")
    assert "mapping.yml is not readable YAML" in _refusal(path)


def test_a_mapping_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    told = _refusal(tmp_path / "crm_mavn.yml")
    assert "There is no mapping file" in told
    assert "Shipped ones: crm_maven, hubspot, mailchimp, pipedrive, salesforce, zendesk." in told


def test_a_mistyped_column_is_named_with_the_file_the_field_and_the_nearest(
    changed: Callable[[str, str], Path], small_export: Path
) -> None:
    told = _refusal(changed("      sector: sector", "      sector: secter"), small_export)
    assert "accounts.csv has no such column" in told
    assert "'secter' (customers.sector); nearest: sector" in told


@pytest.mark.parametrize(
    ("old", "new", "asked_by"),
    [
        ("    key: account\n", "    key: acount\n", "'acount' (key of customers); nearest: account"),
        ("      column: product\n", "      column: produkt\n", "'produkt' (lines of opportunities); nearest: product"),
        ("{day: close_date}", "{day: closed_date}", "(stage history of opportunities); nearest: close_date"),
        ("{join: [account, product]}", "{join: [accounts, product]}", "'accounts' (opportunities.name)"),
    ],
)
def test_whatever_asks_for_a_missing_column_is_named(
    changed: Callable[[str, str], Path], small_export: Path, old: str, new: str, asked_by: str
) -> None:
    assert asked_by in _refusal(changed(old, new), small_export)


def test_a_missing_file_is_named_with_the_nearest(small_export: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(small_export, folder)
    (folder / "accounts.csv").rename(folder / "acounts.csv")
    told = _refusal(SHIPPED, folder)
    assert "There is no accounts.csv" in told
    assert "acounts.csv" in told


def test_an_empty_folder_and_a_missing_one_are_told_apart(tmp_path: Path) -> None:
    assert "It holds no files" in _refusal(SHIPPED, tmp_path)
    assert "There is no folder" in _refusal(SHIPPED, tmp_path / "nowhere")


def test_a_file_of_the_export_stands_for_its_folder(small_export: Path) -> None:
    _, sheets = read_export(small_export / "accounts.csv", SHIPPED)
    assert set(sheets) == {"accounts.csv", "products.csv", "sales_teams.csv", "sales_pipeline.csv"}


def test_a_bare_column_name_is_short_for_a_column() -> None:
    told: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    short = Mapping.model_validate(told)
    customers = next(e for e in told["entities"] if e["into"] == "customers")
    customers["fields"]["sector"] = {"column": "sector"}
    assert Mapping.model_validate(told) == short


def test_a_mapping_without_a_field_every_record_needs_is_refused(changed: Callable[[str, str], Path]) -> None:
    assert "customers needs the field 'name'" in _refusal(changed("      name: account\n", ""))
