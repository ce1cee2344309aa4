"""Soils clean rows the way companies do, and writes down every defect, so that cleaning can be scored."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.chance import Keys, Places
from warehouse.demo.columns import Chunk, Column, Words, evening, take
from warehouse.demo.dirt_recipes import (
    COPIED,
    LATE,
    LOOKALIKES,
    MISSING,
    OLDER,
    OLDER_MISSES,
    RECIPES,
    TESTS,
    Recipe,
    Values,
)
from warehouse.demo.presets import Company
from warehouse.demo.truth import Truth

DEFECTS = "truth_defects"
"""Table of the truth: the row and column of each defect, its kind, and the clean value; for a row that should not be
there the column is `id` and the clean value the id of the row it repeats, or null."""
_TOUCHED = {recipe.table for recipe in RECIPES} | COPIED.keys()
TEST_NAMES = ("Test Test", "asdf", "Do not use", "TEST ACCOUNT", "Max Sample")


def soiled(company: Company, clean: Chunk, seed: int, truth: Truth) -> Iterator[Chunk]:
    """The chunk with defects, and rows that should not be there behind it.

    Keys, checks and unique values hold: only columns that allow it are touched.
    """
    if clean.table not in _TOUCHED or not clean.rows:
        yield clean
        return
    keys = _keys(clean)
    columns = dict(clean.columns)
    for column in dict.fromkeys(recipe.column for recipe in RECIPES if recipe.table == clean.table):
        if column in columns:
            recipes = [recipe for recipe in RECIPES if (recipe.table, recipe.column) == (clean.table, column)]
            columns[column] = _soiled_column(company, clean, column, recipes, keys, seed, truth)
    yield Chunk(clean.table, columns, clean.rows)
    yield from _copies(clean, keys, seed, truth)
    if clean.table == "customers":
        yield from _lookalikes(clean, keys, seed, truth)
        yield from _tests(clean, keys, seed, truth)


def _keys(clean: Chunk) -> Keys:
    """Keys of rows by their ids, so that no neighbour matters."""
    ids = np.ascontiguousarray(_ids(clean.columns))
    text = ids.view(np.uint8).reshape(len(ids), 36)
    # 32 of the 36 characters; the rest of the moment in front does not tell rows apart.
    words = np.ascontiguousarray(text[:, 4:]).view(np.uint64).reshape(len(ids), 4)
    return chance.keys_of("dirt", *(words[:, place] for place in range(4)))


def _ids(columns: Mapping[str, Column]) -> NDArray[np.bytes_]:
    ids = columns["id"]
    assert isinstance(ids, np.ndarray)
    return ids


def _soiled_column(
    company: Company, clean: Chunk, name: str, recipes: list[Recipe], keys: Keys, seed: int, truth: Truth
) -> Column:
    column = clean.columns[name]
    before = values_of(column, clean.rows)
    after, free = before.copy(), np.ones(clean.rows, bool)
    for recipe in recipes:
        tag = f"dirt {recipe.table} {name} {recipe.kind}"
        hit = free & chance.happens(seed, tag, keys, _shares(company, clean, recipe))
        rows = np.flatnonzero(hit)
        changed = recipe.change(seed, keys[rows], before[rows])
        rows, changed = _that_differ(company, recipe, rows, before[rows], changed)
        after[rows] = changed
        free[rows] = False
        _tell(truth, clean, rows, name, recipe.kind, before[rows])
    return column if free.all() else after


def _shares(company: Company, clean: Chunk, recipe: Recipe) -> NDArray[np.float64]:
    """The chance of each row; early rows miss more."""
    shares = np.full(clean.rows, recipe.share)
    at = clean.columns.get("created_at", clean.columns.get("recorded_at"))
    if recipe.kind == MISSING and isinstance(at, np.ndarray):
        shares[at < (company.origin + OLDER)] *= OLDER_MISSES
    return shares


def _that_differ(
    company: Company, recipe: Recipe, rows: Places, before: Values, after: Values
) -> tuple[Places, Values]:
    """Only rows whose value is another one now; one that would arrive after `until` arrives in time."""
    if before.dtype.kind == "M":
        differs = ~np.isnat(before) & (before != after)
    else:
        differs = np.array([a != b for a, b in zip(before, after, strict=True)], bool)
    if recipe.kind == LATE:
        differs &= after < evening(company.until)
    return rows[differs], after[differs]


def values_of(column: Column, rows: int) -> Values:
    """A column with a value for each row."""
    if isinstance(column, Words):
        return column.of()
    if isinstance(column, np.ndarray):
        return column
    return np.full(rows, column, object if column is None or isinstance(column, str) else None)


def _tell(truth: Truth, clean: Chunk, rows: Places, column: str, kind: str, before: Values) -> None:
    if not len(rows):
        return
    told = [None if value is None else str(value) for value in before.tolist()]
    original = np.empty(len(rows), object)
    original[:] = told
    _log(truth, clean.table, _ids(clean.columns)[rows], column, kind, original)


def _log(truth: Truth, table: str, ids: NDArray[np.bytes_], column: str, kind: str, original: Values) -> None:
    words = {"table": table, "column": column, "kind": kind}
    same: dict[str, Column] = {name: np.full(len(ids), value, object) for name, value in words.items()}
    truth.add(DEFECTS, {**same, "id": ids, "original": original})


def _again(
    clean: Chunk, rows: Places, keys: Keys, kind: str, seed: int, truth: Truth, changes: dict[str, Column]
) -> Iterator[Chunk]:
    """Rows of the chunk under new ids and with changes, each told as one that should not be there."""
    if not len(rows):
        return
    columns = {name: take(column, rows) for name, column in clean.columns.items()}
    at = columns.get("recorded_at", columns.get("created_at"))
    assert isinstance(at, np.ndarray)
    made = chance.identifiers(seed, f"{clean.table} {kind}", keys[rows], at)
    original = _ids(clean.columns)[rows].astype("U36").astype(object)
    repeats = kind != "test_account"
    _log(truth, clean.table, made, "id", kind, original if repeats else np.full(len(rows), None, object))
    yield Chunk(clean.table, {**columns, **changes, "id": made}, len(rows))


def _copies(clean: Chunk, keys: Keys, seed: int, truth: Truth) -> Iterator[Chunk]:
    share = COPIED.get(clean.table, 0.0)
    rows = np.flatnonzero(chance.happens(seed, f"dirt copy {clean.table}", keys, share)) if share else np.zeros(0, int)
    yield from _again(clean, rows, keys, "duplicate_exact", seed, truth, {})


def _lookalikes(clean: Chunk, keys: Keys, seed: int, truth: Truth) -> Iterator[Chunk]:
    """Customers a second time: another spelling of the name, the e-mail address in capitals or unknown."""
    rows = np.flatnonzero(chance.happens(seed, "dirt lookalike", keys, LOOKALIKES))
    names, emails = (
        values_of(clean.columns["name"], clean.rows)[rows],
        values_of(clean.columns["email"], clean.rows)[rows],
    )
    form = chance.integers(seed, "dirt lookalike form", keys[rows], 0, 3)
    spelled = np.empty(len(rows), object)
    spelled[:] = [_respelled(name, place) for name, place in zip(names, form, strict=True)]
    addresses = np.empty(len(rows), object)
    addresses[:] = [
        email.upper() if email is not None and place else None for email, place in zip(emails, form, strict=True)
    ]
    yield from _again(clean, rows, keys, "duplicate_fuzzy", seed, truth, {"name": spelled, "email": addresses})


def _respelled(name: str, form: int) -> str:
    """Two letters swapped, one left out, or an addition."""
    middle = len(name) // 2
    if form == 0:
        return f"{name[: middle - 1]}{name[middle]}{name[middle - 1]}{name[middle + 1 :]}"
    return f"{name[:middle]}{name[middle + 1 :]}" if form == 1 else f"{name} Ltd."


def _tests(clean: Chunk, keys: Keys, seed: int, truth: Truth) -> Iterator[Chunk]:
    rows = np.flatnonzero(chance.happens(seed, "dirt test account", keys, TESTS))
    names = np.array(TEST_NAMES, object)[chance.integers(seed, "dirt test name", keys[rows], 0, len(TEST_NAMES))]
    changes: dict[str, Column] = {"name": names, "email": "test@test.test", "phone": None, "company": None}
    yield from _again(clean, rows, keys, "test_account", seed, truth, changes)
