"""Receipts hold when nothing was touched, and name what was."""

import json
import shutil
import sqlite3
from pathlib import Path

import duckdb
import pytest

from tests.houses import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def receipts(built_house: House) -> dict[str, str]:
    """Receipts written in the shared house before anything is altered."""
    return {
        "won": built_house.metric("won_value,win_rate", "--org", "globex")["receipt"],
        "by rep": built_house.metric("won_value", "--org", "globex", "--by", "sales_rep")["receipt"],
        "without": built_house.metric("open_deal_count", "--org", "demo", "--without", "customer=activity_count")[
            "receipt"
        ],
        "as of": built_house.metric("open_deal_count", "--org", "globex", "--as-of", "2017-02-20")["receipt"],
    }


@pytest.mark.parametrize("which", ["won", "by rep", "as of", "without"])
def test_a_receipt_holds_after_every_extract_is_gone_and_the_folder_moved(
    receipts: dict[str, str], house: House, which: str
) -> None:
    shutil.rmtree(house.home / "extracts")
    assert "holds" in house.run("verify", receipts[which]).stdout


def test_the_same_question_has_the_same_receipt(receipts: dict[str, str], built_house: House) -> None:
    assert built_house.metric("won_value,win_rate", "--org", "globex")["receipt"] == receipts["won"]


def rewrite(path: Path, change: str) -> None:
    """Replace a Parquet file by one with a changed row."""
    with duckdb.connect() as engine:
        engine.execute(f"create table rows as from read_parquet('{path}')")
        engine.execute(f"update rows set {change}")
        engine.execute(f"copy rows to '{path}' (format parquet)")


def fact_files(house: House) -> list[Path]:
    found = sorted((house.home / "lake" / "files").rglob("fct_opportunities*/*.parquet"))
    assert found
    return found


def test_a_row_rewritten_in_a_parquet_file_is_named(receipts: dict[str, str], house: House) -> None:
    file = fact_files(house)[-1]
    only = "closed_on = '2017-02-09'"
    with duckdb.connect() as engine:
        [(changed,)] = engine.execute(f"select opportunity_id from '{file}' where {only}").fetchall()
    rewrite(file, f"amount = amount + 1 where {only}")
    done = house.run("verify", receipts["won"], check=False)
    assert done.returncode == 1
    assert f"file altered: The file {file.name} of core.fct_opportunities" in done.stdout
    assert (
        f"row changed: Rows of fct_opportunities do not match their fingerprints: opportunity_id {changed}"
        in done.stdout
    )


def test_a_row_rewritten_without_changing_the_file_size_is_named_with_its_values(
    receipts: dict[str, str], house: House
) -> None:
    file = fact_files(house)[-1]
    rewrite(file, "amount = 5001, amount_org = 5001 where amount = 5000")
    with sqlite3.connect(house.home / "lake" / "catalog.sqlite") as catalog:
        sizes = "update ducklake_data_file set file_size_bytes = ?, footer_size = ? where path like ?"
        size = file.stat().st_size
        footer = int.from_bytes(file.read_bytes()[-8:-4], "little")
        catalog.execute(sizes, (size, footer, f"%{file.name}"))
    done = house.run("verify", receipts["won"], check=False)
    assert done.returncode == 1
    assert "row changed: Rows of fct_opportunities do not match their fingerprints" in done.stdout
    assert "value differs: won_value" in done.stdout
    assert "5250.0000 over 3 rows" in done.stdout


def test_a_receipt_also_proves_what_its_records_are_without(receipts: dict[str, str], house: House) -> None:
    file = sorted((house.home / "lake" / "files").rglob("fct_activities*/*.parquet"))[-1]
    rewrite(file, "happened_on = happened_on + 1")
    done = house.run("verify", receipts["without"], check=False)
    assert done.returncode == 1
    assert f"file altered: The file {file.name} of core.fct_activities" in done.stdout
    assert "row changed: Rows of fct_activities do not match their fingerprints" in done.stdout


def test_a_damaged_file_is_a_finding(receipts: dict[str, str], house: House) -> None:
    file = fact_files(house)[-1]
    file.write_bytes(file.read_bytes()[:100])
    done = house.run("verify", receipts["won"], check=False)
    assert done.returncode == 1
    assert file.name in done.stdout


def test_one_byte_of_a_stored_receipt_is_found(receipts: dict[str, str], house: House) -> None:
    with sqlite3.connect(house.home / "operational.db") as store:
        store.execute(
            "update receipts set body = replace(body, '5250.0000', '5350.0000') where id = ?", (receipts["won"],)
        )
    done = house.run("verify", receipts["won"], check=False)
    assert done.returncode == 1
    assert "receipt altered" in done.stdout


def test_a_rewritten_definition_is_named(receipts: dict[str, str], house: House) -> None:
    path = next((house.home / "definitions").glob("*/semantic_manifest.json"))
    manifest = json.loads(path.read_text())
    for metric in manifest["metrics"]:
        if metric["name"] == "won_value":
            metric["filter"]["where_filters"][0]["where_sql_template"] = "{{ Dimension('opportunity__is_lost') }}"
    path.write_text(json.dumps(manifest))
    done = house.run("verify", receipts["won"], check=False)
    assert done.returncode == 1
    assert "definition changed: The definition of won_value" in done.stdout
    assert "is_lost" in done.stdout


def test_an_unknown_receipt_is_a_sentence(house: House) -> None:
    done = house.run("verify", "0123456789abcdef", check=False)
    assert done.returncode == 1
    assert "There is no receipt" in done.stderr
