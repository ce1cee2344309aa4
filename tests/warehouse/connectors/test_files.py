"""A vendor is the same few files: none of them is missing, and none is there for nothing."""

from pathlib import Path

import pytest

from tests.pipelines.connectors.pretences import PRETENCES
from warehouse.connectors.catalogue import VENDORS
from warehouse.connectors.spec import Vendor

ROOT = Path(__file__).resolve().parents[3]
SPECS, STAGING = ROOT / "warehouse" / "connectors", ROOT / "dbt" / "models" / "staging"
OURS = {"operational"}
"""Folders of staging models that are no vendor's."""

each = pytest.mark.parametrize("vendor", VENDORS.values(), ids=list(VENDORS))


def test_every_folder_is_a_vendor_and_every_vendor_can_be_driven() -> None:
    assert {path.parent.name for path in SPECS.glob("*/spec.py")} == set(VENDORS) == set(PRETENCES)
    assert {path.name for path in STAGING.iterdir() if path.is_dir()} - OURS == set(VENDORS)


@each
def test_a_vendor_has_the_same_few_files(vendor: Vendor) -> None:
    name = vendor.name
    assert {path.name for path in (SPECS / name).iterdir() if path.is_file()} == {"__init__.py", "README.md", "spec.py"}
    models = {f"stg_{name}__{thing.name}.sql" for thing in vendor.things}
    assert {path.name for path in (STAGING / name).iterdir()} == models | {
        f"_{name}__sources.yml",
        f"_{name}__models.yml",
    }
    assert (ROOT / "tests" / "fakes" / f"{name}.py").exists()
    assert (ROOT / "tests" / "pipelines" / "connectors" / f"test_{name}.py").exists()


@each
def test_a_vendors_page_says_what_lets_us_in_what_it_brings_and_what_it_does_not(vendor: Vendor) -> None:
    told = (SPECS / vendor.name / "README.md").read_text(encoding="utf-8")
    assert told.startswith(f"# {vendor.title}\n")
    for part in ("Lets us in", "Brings", "How changes are found", "Deleted", "Personal", "Not brought"):
        assert f"**{part}" in told, part
    assert [
        one for one in (*(thing.name for thing in vendor.things), *vendor.auth.parts) if f"`{one}`" not in told
    ] == []
    assert f"(../warehouse/connectors/{vendor.name}/README.md)" in (ROOT / "docs" / "connectors.md").read_text(
        encoding="utf-8"
    )


@each
def test_a_staging_model_reads_only_places_that_were_declared(vendor: Vendor) -> None:
    import re

    for thing in vendor.things:
        model = (STAGING / vendor.name / f"stg_{vendor.name}__{thing.name}.sql").read_text(encoding="utf-8")
        assert f"source('{vendor.name}', '{vendor.table(thing)}')" in model
        read = set(re.findall(r"told(?:_moment)?\('([^']+)'\)", model))
        assert read <= set(thing.business), thing.name
