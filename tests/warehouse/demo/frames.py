"""A generated company as frames, one per table, and the truth about it."""

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from warehouse.demo.choices import Preset, Variant
from warehouse.demo.columns import NO_NUMBER, Chunk, Column, Words
from warehouse.demo.house import company_chunks
from warehouse.demo.presets import Company, companies
from warehouse.demo.truth import Truth

UNTIL = date(2026, 10, 31)
"""Three weeks later lies in the same quarter."""
SEED = 7


@dataclass(frozen=True)
class Told:
    """A company, its tables and its truth."""

    company: Company
    tables: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]


def company_of(
    slug: str, preset: Preset = Preset.DEMO, until: date = UNTIL, variant: Variant = Variant.NORMAL
) -> Company:
    return next(companies(preset, until, SEED, variant, slug))


@cache
def told(slug: str, preset: Preset = Preset.DEMO, until: date = UNTIL, variant: Variant = Variant.NORMAL) -> Told:
    """Made once a run for each company that tests ask for."""
    company = company_of(slug, preset, until, variant)
    parts: dict[str, list[pl.DataFrame]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        with Truth(Path(folder)) as truth:
            for chunk in company_chunks(company, SEED, truth):
                parts[chunk.table].append(frame_of(chunk))
        known = {path.stem: pl.read_parquet(path) for path in Path(folder).glob("*.parquet")}
    return Told(company, {table: pl.concat(some, how="diagonal_relaxed") for table, some in parts.items()}, known)


def frame_of(chunk: Chunk) -> pl.DataFrame:
    return pl.DataFrame({name: _series(column, chunk.rows) for name, column in chunk.columns.items()})


def _series(column: Column, rows: int) -> pl.Series:
    if isinstance(column, Words):
        return pl.Series(column.of().tolist(), dtype=pl.String)
    if not isinstance(column, np.ndarray):
        return pl.Series([column] * rows)
    if column.dtype.kind == "S":
        return pl.Series([one.decode() or None for one in column.tolist()], dtype=pl.String)
    if column.dtype == object:
        return pl.Series(column.tolist(), strict=False)
    series = pl.Series(column)
    return series.replace(NO_NUMBER, None) if column.dtype.kind == "i" else series


def summed(rows: pl.DataFrame, by: str, column: str) -> dict[Any, int]:
    """Key → sum of a column."""
    return dict(rows.group_by(by).agg(pl.col(column).sum()).iter_rows())
