"""The truth of a generated company, kept beside the store for tests and never in it."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.demo.columns import Column, Words, take
from warehouse.demo.stacks import stacked

HELD = 20_000
"""Rows of a table that are written together, whoever they are about."""


class Truth:
    """Tables of truth of one company, appended to while it is made; one Parquet file each. No folder, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.slug: str | None = None
        """The company that rows are about, where one folder is for many: a column `organization` of every table."""
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._held: dict[str, list[tuple[dict[str, Column], int]]] = {}

    def add(self, table: str, columns: Mapping[str, Column], keep: Any = None) -> None:
        """Append rows, or those to keep (a mask); the columns of a table are the same every time."""
        if self.folder is None:
            return
        kept = columns if keep is None else {name: take(column, keep) for name, column in columns.items()}
        size = next(len(column) for column in kept.values() if isinstance(column, Words | np.ndarray))
        told: dict[str, Column] = {"organization": self.slug} if self.slug else {}
        held = self._held.setdefault(table, [])
        held.append((told | dict(kept), size))
        if sum(rows for _, rows in held) > HELD:
            self._write(table)

    def _write(self, table: str) -> None:
        assert self.folder is not None
        held = self._held.pop(table)
        sizes = [size for _, size in held]
        made = {name: stacked([columns[name] for columns, _ in held], sizes) for name in held[0][0]}
        rows = pa.table({name: pa.chunked_array([_arrow(*run) for run in runs]) for name, runs in made.items()})
        if table not in self._writers:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._writers[table] = pq.ParquetWriter(self.folder / f"{table}.parquet", rows.schema, compression="zstd")
        self._writers[table].write_table(rows)

    def __enter__(self) -> "Truth":
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Closes the files."""
        for table in list(self._held):
            self._write(table)
        for writer in self._writers.values():
            writer.close()


def gather(parts: Sequence[Path], to: Path) -> None:
    """Put tables of truth that were told in parts together: each part's folder of companies, in order, into one folder."""
    told = {file.relative_to(part) for part in parts for file in part.glob("*/*.parquet")}
    for name in sorted(told):
        files = [part / name for part in parts if (part / name).exists()]
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if len(files) == 1:
            shutil.move(files[0], to / name)
            continue
        with pq.ParquetWriter(to / name, pq.read_schema(files[0]), compression="zstd") as whole:
            for file in files:
                _append(whole, file)


def _append(whole: pq.ParquetWriter, file: Path) -> None:
    with pq.ParquetFile(file) as part:
        for number in range(part.num_row_groups):
            whole.write_table(part.read_row_group(number))


def _arrow(column: Column, rows: int) -> pa.Array:
    if isinstance(column, str):
        return pa.repeat(pa.scalar(column, pa.string()), rows)
    if isinstance(column, Words):
        return pa.array(column.of(), pa.string())
    values = np.asarray(column)
    if values.dtype.kind == "S":
        return pa.array(values.astype("U36"), pa.string())
    return pa.array(values, pa.string() if values.dtype == object else None)
