"""Dirt: every defect that is written down is there, and nothing else is touched."""

import numpy as np
import polars as pl
import pytest

from tests.warehouse.demo.rooms import SEED, Table, Truth, chunks_of, company_of, tables_of
from warehouse.demo.columns import Chunk, take
from warehouse.demo.customer_rows import customer_chunks, names_of
from warehouse.demo.customers import customers_of
from warehouse.demo.dirt import soiled
from warehouse.demo.dirt_recipes import RECIPES
from warehouse.demo.people import people_of
from warehouse.demo.presets import Company

Soiled = tuple[dict[str, Table], dict[str, Table], pl.DataFrame]


def _clean(company: Company) -> list[Chunk]:
    people = people_of(company, SEED)
    customers = customers_of(company, people, SEED, 0, company.customers)
    made = customer_chunks(company, people, customers, names_of(customers, SEED), SEED, Truth(None))
    return [*made, *chunks_of(company, Truth(None))]


@pytest.fixture(scope="module")
def soiled_house(tmp_path_factory: pytest.TempPathFactory) -> Soiled:
    company, folder = company_of("lindenrow"), tmp_path_factory.mktemp("dirt")
    clean = _clean(company)
    with Truth(folder) as truth:
        dirty = [made for one in clean for made in soiled(company, one, SEED, truth)]
    return tables_of(clean), tables_of(dirty), pl.read_parquet(folder / "truth_defects.parquet")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def test_every_defect_is_there_and_nothing_else_is_touched(soiled_house: Soiled) -> None:
    clean, dirty, defects = soiled_house
    told = {(row["table"], row["id"], row["column"]): row["original"] for row in defects.iter_rows(named=True)}
    assert len(told) == len(defects)
    found = set()
    for table, before in clean.items():
        after = dirty[table]
        order = {key: place for place, key in enumerate(after["id"].tolist())}
        places = np.array([order[key] for key in before["id"].tolist()])
        ids = before["id"].astype("U36")
        for column, values in before.items():
            pairs = zip(ids, values.tolist(), after[column][places].tolist(), strict=True)
            for key, was, became in pairs:
                if was != became:
                    found.add((table, key, column))
                    assert told[table, key, column] == _text(was)
    cells = {key for key in told if key[2] != "id"}
    assert found == cells


def test_rows_that_should_not_be_there_are_written_down(soiled_house: Soiled) -> None:
    clean, dirty, defects = soiled_house
    rows = defects.filter(pl.col("column") == "id")
    for table, after in dirty.items():
        extra = set(after["id"].astype("U36").tolist()) - set(clean[table]["id"].astype("U36").tolist())
        assert extra == set(rows.filter(pl.col("table") == table)["id"])
    repeated = rows.filter(pl.col("kind") != "test_account")
    known = {key for before in clean.values() for key in before["id"].astype("U36").tolist()}
    assert set(repeated["original"]) <= known
    assert set(rows["kind"]) == {"duplicate_exact", "duplicate_fuzzy", "test_account"}


def test_an_exact_duplicate_differs_in_its_id_alone(soiled_house: Soiled) -> None:
    clean, dirty, defects = soiled_house
    copies = defects.filter((pl.col("kind") == "duplicate_exact") & (pl.col("table") == "usage_events"))
    before, after = clean["usage_events"], dirty["usage_events"]
    was = {key: place for place, key in enumerate(before["id"].astype("U36").tolist())}
    now = {key: place for place, key in enumerate(after["id"].astype("U36").tolist())}
    assert len(copies) > 20
    for row in copies.iter_rows(named=True):
        pairs = [(before[name][was[row["original"]]], after[name][now[row["id"]]]) for name in before if name != "id"]
        assert all(left == right for left, right in pairs)


def test_each_kind_of_defect_comes(soiled_house: Soiled) -> None:
    clean, _, defects = soiled_house
    expected = {(recipe.table, recipe.column, recipe.kind) for recipe in RECIPES if recipe.table in clean}
    assert expected <= set(defects.select("table", "column", "kind").unique().iter_rows())


def test_early_rows_miss_more(soiled_house: Soiled) -> None:
    clean, _, defects = soiled_house
    missing = set(defects.filter((pl.col("kind") == "missing") & (pl.col("column") == "country"))["id"])
    customers = clean["customers"]
    gone = np.array([key in missing for key in customers["id"].astype("U36").tolist()])
    early = customers["created_at"] < np.datetime64("2025-03-01", "ms")
    assert gone[early].mean() > 1.3 * gone[~early].mean()


def test_late_rows_still_arrive_by_the_last_day(soiled_house: Soiled) -> None:
    _, dirty, defects = soiled_house
    late = defects.filter(pl.col("kind") == "late_arrival")
    assert len(late) > 100
    for table in set(late["table"]):
        assert (dirty[table]["recorded_at"] < np.datetime64("2026-11-01", "ms")).all()


def test_the_same_chunk_is_soiled_the_same_way_whatever_its_size() -> None:
    company = company_of("demo")
    customers = next(chunk for chunk in _clean(company) if chunk.table == "customers")
    half = np.arange(customers.rows) < customers.rows // 2
    columns = {name: take(column, half) for name, column in customers.columns.items()}
    whole = tables_of(soiled(company, customers, SEED, Truth(None)))["customers"]
    part = tables_of(soiled(company, Chunk("customers", columns, int(half.sum())), SEED, Truth(None)))["customers"]
    names = dict(zip(whole["id"].tolist(), whole["name"].tolist(), strict=True))
    assert all(names[key] == name for key, name in zip(part["id"].tolist(), part["name"].tolist(), strict=True))
