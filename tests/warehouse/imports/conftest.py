"""A small export in the layout of the shipped mapping, and a way to import it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.imports.looking import written
from tests.warehouse.imports.vendor_exports import VENDORS
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import Organization
from warehouse.settings import CHECKOUT

MAPPING = CHECKOUT / "warehouse" / "imports" / "crm_maven.yml"

FILES = {
    "accounts.csv": """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Pebble & Sons,retail,1999,12.5,140,Norway,Quarry Lane
Quarry Lane,software,2004,101.07,900,Kenya,
Tin Whistle Ltd,,2010,,,Norway,
""",
    "products.csv": """product,series,sales_price
GTX Pro,GTX,4821
Kite One,Kite,120
""",
    "sales_teams.csv": """sales_agent,manager,regional_office
Robin Reed,Marlo Marsh,West
Sage Stone,Marlo Marsh,East
""",
    "sales_pipeline.csv": """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Robin Reed,GTXPro,Pebble & Sons,Won,2017-01-10,2017-02-09,5000
A2,Robin Reed,Kite One,Quarry Lane,Lost,2017-02-10,2017-03-12,0
A3,Sage Stone,Kite One,,Engaging,2017-03-01,,
A4,Sage Stone,Kite One,Tin Whistle Ltd,Prospecting,,,
""",
}

Import = Callable[..., ImportReport]


@pytest.fixture
def bring_vendor(acme: Organization, tmp_path: Path) -> Import:
    """Import a vendor's export into acme; files given as `without` are left out, `changes` are (file, old, new)."""

    def run(vendor: str, *changes: tuple[str, str, str], without: tuple[str, ...] = (), **options: Any) -> ImportReport:
        files = {name: text for name, text in VENDORS[vendor].items() if name not in without}
        mapping, sheets = read_export(written(tmp_path / vendor, files, *changes), Path(vendor.split()[0]))
        with writing() as session:
            return import_export(session, mapping, sheets, "acme", **options)

    return run


@pytest.fixture
def bring(acme: Organization, tmp_path: Path) -> Import:
    """Import the export, into acme where nothing else is said; `(file, old, new)` texts are replaced first."""

    def run(*changes: tuple[str, str, str], slug: str = "acme", **options: Any) -> ImportReport:
        told = dict(FILES)
        for file, old, new in changes:
            assert old in told[file]
            told[file] = told[file].replace(old, new)
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for name, text in told.items():
            (folder / name).write_text(text, encoding="utf-8")
        mapping, sheets = read_export(folder, MAPPING)
        with writing() as session:
            return import_export(session, mapping, sheets, slug, **options)

    return run
