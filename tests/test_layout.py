"""The house keeps its shape: four roots of our own, one door per heavy library, files and functions one can read."""

import ast
import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ["apps", "ml", "pipelines", "warehouse"]
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
WRITTEN = [path for path in SOURCES if "migrations" not in path.parts]
"""By people: migrations are generated and list every table."""

MOST_LINES, LONGEST_FUNCTION = 400, 60

DOORS = {
    "duckdb": ["warehouse.lake", "warehouse.extracts"],
    "metricflow": ["warehouse.metrics"],
    "metricflow_semantics": ["warehouse.metrics"],
    "metricflow_semantic_interfaces": ["warehouse.metrics"],
    # The ingest names the type of a table, and nothing else of it.
    "sqlalchemy": ["warehouse"],
    "alembic": ["warehouse.oltp"],
    "streamlit": ["apps.ui", "apps.asgi"],
    "fastapi": ["apps"],
    "starlette": ["apps"],
    "authlib": ["apps"],
    "openai": ["ml.language"],
    "dagster": ["pipelines"],
    "dagster_dbt": ["pipelines"],
    "dbt": ["pipelines"],
    "great_expectations": ["pipelines"],
}
"""Library → the only places that know it."""


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def _imports(path: Path) -> list[tuple[str, int]]:
    """Every module a file imports, wherever in it, and the line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module, node.lineno))
    return found


def _within(name: str, places: list[str]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_is_ours_and_nobody_elses(floor: str) -> None:
    module = import_module(floor)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == ROOT / floor


def test_every_folder_of_code_is_a_package() -> None:
    assert {path.parent for path in SOURCES if not (path.parent / "__init__.py").exists()} <= {
        ROOT / "apps" / "ui" / "screens",
        ROOT / "warehouse" / "oltp" / "migrations",
        ROOT / "warehouse" / "oltp" / "migrations" / "versions",
    }


def test_the_business_model_is_no_package_and_the_library_dbt_is_found_beside_it() -> None:
    assert not list((ROOT / "dbt").rglob("__init__.py"))
    found = find_spec("dbt.version")
    assert found is not None
    assert found.origin is not None
    assert not Path(found.origin).is_relative_to(ROOT / "dbt")


def test_tests_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("path", WRITTEN, ids=_name)
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_known_only_behind_its_door(library: str) -> None:
    assert find_spec(library), "a door to nothing"
    strangers = [
        f"{_name(path)}:{line}"
        for path in SOURCES
        for imported, line in _imports(path)
        if _within(imported, [library]) and not _within(_name(path), DOORS[library])
    ]
    assert strangers == []


def _models() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((ROOT / "dbt" / "models").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            yield model["name"], model


def test_every_model_says_what_one_row_is() -> None:
    told = dict(_models())
    built = {path.stem for path in (ROOT / "dbt" / "models").rglob("*.sql")}
    assert set(told) == built
    assert [name for name, model in told.items() if not model.get("description", "").startswith("One row per ")] == []


def test_only_published_tables_of_an_organization_carry_it() -> None:
    """Shared tables are named here; every other table with a contract carries the organization of each row."""
    shared = {"dim_dates", "dim_stages", "build_watermark"}
    without = {
        name
        for name, model in _models()
        if not name.startswith(("stg_", "base_"))
        and "organization_id" not in {column["name"] for column in model["columns"]}
    }
    assert without == shared


def _documented() -> dict[str, str]:
    lines = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `LONGHOUSE_")]
    return {name.strip("`"): default.strip("`") for name, default, _ in rows}


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert list(_documented()) == [f"LONGHOUSE_{name.upper()}" for name in Settings.model_fields]


def test_a_documented_default_is_the_default() -> None:
    derived = {"LONGHOUSE_HOME", "LONGHOUSE_NOW", "LONGHOUSE_DATABASE_URL", "LONGHOUSE_CATALOG_URL"}
    derived |= {"LONGHOUSE_PUBLIC_URL", "LONGHOUSE_MODEL_PATH"}
    documented = _documented()
    assert derived <= set(documented)
    for name, field in Settings.model_fields.items():
        if f"LONGHOUSE_{name.upper()}" not in derived:
            told, default = documented[f"LONGHOUSE_{name.upper()}"], field.default
            assert told == (default if isinstance(default, str) else json.dumps(default)), name
