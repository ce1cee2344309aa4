"""What a person gets for a mistake: one sentence that says what happened and what to do, and an exit code."""

from pathlib import Path

import pytest

from tests.houses import MAPPING, House


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["metric", "won_valu", "--org", "globex"], "Nearest: won_value"),
        (["metric", "won_value", "--org", "globx"], "Did you mean globex?"),
        (["metric", "won_value", "--org", "globex", "--by", "region"], "regional_office"),
        (["metric", "won_value", "--org", "globex", "--where", "sales_rep=Robin Red"], "Nearest: Robin Reed"),
        (["metric", "won_value", "--org", "globex", "--where", "stage"], "FIELD=VALUE"),
        (["metric", "won_value", "--org", "globex", "--from", "yesterday"], "a date like 2026-01-31"),
        (["metric", "won_value", "--org", "globex", "--from", "2017-02-01", "--to", "2017-01-01"], "window is empty"),
        (["metric", "won_value", "--org", "globex", "--order", "size"], "Order by one of"),
        (["metric", "won_value", "--org", "globex", "--where", "closed_on=soon"], "closed_on is a date"),
        (["metric", "won_value", "--org", "globex", "--as", "nobody@example.com"], "Nobody with the e-mail"),
        (["metricc"], "No such command 'metricc'"),
        (["metric", "won_value"], "Missing option"),
        (["metric", "won_value", "--org", "globex", "--grain", "decade"], "decade"),
        (["verify", "nothing"], "There is no receipt"),
        (["import", "nowhere", "--org", "x", "--mapping", "none.yml"], "There is no mapping file"),
        (["import", "nowhere", "--org", "x", "--mapping", str(MAPPING)], "There is no folder"),
    ],
)
def test_a_mistake_gets_a_sentence(built_house: House, arguments: list[str], told: str) -> None:
    done = built_house.run(*arguments, check=False)
    assert done.returncode != 0
    assert told in " ".join(done.stderr.split())


def test_a_mistyped_mapping_column_names_the_nearest_and_writes_nothing(
    house: House, small_export: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "mine.yml"
    mapping.write_text(MAPPING.read_text().replace("country: office_location", "country: ofice_location"))
    done = house.run("import", str(small_export), "--org", "newco", "--mapping", str(mapping), check=False)
    assert done.returncode == 1
    assert "nearest: office_location" in done.stderr
    assert "There is no organization 'newco'" in house.run("metric", "won_value", "--org", "newco", check=False).stderr


def test_no_create_refuses_an_unknown_organization(built_house: House, small_export: Path) -> None:
    asked = ["import", str(small_export), "--org", "globx", "--mapping", str(MAPPING), "--no-create"]
    done = built_house.run(*asked, check=False)
    assert done.returncode == 1
    assert "Did you mean globex?" in done.stderr


def test_a_half_written_extract_is_passed_over_for_the_one_before(house: House) -> None:
    before = house.metric("won_value", "--org", "globex")
    folder = next(f for f in (house.home / "extracts").iterdir() if (f / "x").name and _is_globex(house, f.name))
    good = next(folder.glob("*.duckdb"))
    (folder / f"ffffffff-{good.name}").write_bytes(good.read_bytes()[:5000])
    assert house.metric("won_value", "--org", "globex") == before


@pytest.mark.slow
def test_a_damaged_extract_is_a_sentence_with_a_remedy(house: House) -> None:
    for file in (house.home / "extracts").rglob("*.duckdb"):
        file.write_bytes(file.read_bytes()[:3000])
    done = house.run("metric", "won_value", "--org", "globex", check=False)
    assert done.returncode == 1
    assert "longhouse refresh" in done.stderr
    house.run("refresh")
    assert house.value("deal_count", "globex") == 6


def test_numbers_before_the_first_refresh_are_a_sentence(tmp_path: Path, small_export: Path) -> None:
    fresh = House(tmp_path / "data")
    fresh.run("import", str(small_export), "--org", "globex", "--mapping", str(MAPPING))
    done = fresh.run("metric", "won_value", "--org", "globex", check=False)
    assert done.returncode == 1
    assert "longhouse refresh" in done.stderr


def test_a_locked_lake_is_a_sentence(house: House) -> None:
    from warehouse.lake.writer import LakeLocked, writer_lock

    path = house.home / "lake" / "writer.lock"
    with writer_lock(path), pytest.raises(LakeLocked, match="has been writing to the lake"), writer_lock(path, 0.3):
        pass


def _is_globex(house: House, organization_id: str) -> bool:
    import sqlite3

    with sqlite3.connect(house.home / "operational.db") as store:
        [(slug,)] = store.execute("select slug from organizations where id = ?", (organization_id,))
    return bool(slug == "globex")
