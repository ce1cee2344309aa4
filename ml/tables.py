"""Reads a table that somebody brings: a CSV in any usual encoding, its numbers and its dates."""

from pathlib import Path

import numpy as np
import pandas as pd

NEARLY_ALL = 0.95
"""Of the filled cells of a column: so many numbers make it a column of numbers, so many dates one of dates."""

THOUSANDS, AROUND = r"(?<=\d),(?=\d{3}(?:\D|$))", " $€£%"


class Unusable(Exception):
    """What was asked cannot be done with this data: one sentence for whoever asked."""


def read(path: Path) -> pd.DataFrame:
    """The rows of a CSV with a header; infinite numbers are unknown. Raises Unusable with what to do about it."""
    if not path.is_file():
        raise Unusable(f"There is no file {path}: give the path of a CSV file.")
    for encoding in ("utf-8-sig", "cp1252", "latin-1"):
        try:
            frame = pd.read_csv(path, encoding=encoding, low_memory=False)
        except UnicodeDecodeError:
            continue
        except pd.errors.EmptyDataError as empty:
            raise Unusable(f"{path} is empty: a CSV file starts with a line of column names.") from empty
        except (pd.errors.ParserError, ValueError) as wrong:
            raise Unusable(f"{path} is not a CSV file with one header line and equally long rows.") from wrong
        if b"\x00" in path.read_bytes()[:4096]:
            break
        return frame.replace([np.inf, -np.inf], np.nan)
    raise Unusable(f"{path} is not a CSV file: it holds bytes that are no text.")


def need(frame: pd.DataFrame, columns: list[str]) -> None:
    """Raise Unusable when the table lacks one of these columns."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        known = ", ".join(map(str, frame.columns[:20]))
        raise Unusable(f"There is no column {', '.join(missing)}; the file has: {known}.")


def numbers(column: pd.Series) -> pd.Series:
    """The column as floats; what is no finite number is unknown. `$1,234.50` and `12 %` are numbers."""
    if not pd.api.types.is_numeric_dtype(column):
        column = column.astype("string").str.replace(THOUSANDS, "", regex=True).str.strip(AROUND)
    return pd.to_numeric(column, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)


def as_numbers(column: pd.Series) -> pd.Series | None:
    """The column as floats, blank or infinite as unknown; None when it is not one of numbers."""
    if pd.api.types.is_bool_dtype(column):
        return None
    told = numbers(column)
    if pd.api.types.is_numeric_dtype(column):
        return told
    filled = _filled(column)
    return told if filled.any() and told[filled].notna().mean() >= NEARLY_ALL else None


def days(column: pd.Series, *, day_first: bool) -> pd.Series:
    """Dates as days since 1970; what is no date is unknown."""
    if pd.api.types.is_numeric_dtype(column):
        return pd.Series(np.nan, index=column.index)
    parsed = pd.to_datetime(column.astype("string"), errors="coerce", dayfirst=day_first, format="mixed", utc=True)
    return ((parsed - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)).astype(float)


def is_day_first(column: pd.Series) -> bool:
    """Whether 03-08-2024 is the third of August: only a first number above twelve tells."""
    first = column.astype("string").str.extract(r"^\s*(\d{1,2})[./-]\d{1,2}[./-]\d{2,4}\b")[0]
    return bool((pd.to_numeric(first, errors="coerce") > 12).any())


def as_days(column: pd.Series) -> pd.Series | None:
    """Dates as days since 1970, unknown where blank; None when it is not a column of dates."""
    filled = _filled(column)
    sample = column[filled].astype(str)
    if pd.api.types.is_numeric_dtype(column) or sample.empty:
        return None
    if sample.head(200).str.contains(r"\d").mean() < NEARLY_ALL:
        return None
    told = days(column, day_first=is_day_first(column))
    return told if told[filled].notna().mean() >= NEARLY_ALL else None


def _filled(column: pd.Series) -> pd.Series:
    return column.notna() & (column.astype("string").str.strip() != "").fillna(False)


def as_moments(frame: pd.DataFrame, column: str, *, day_first: bool | None = None) -> pd.Series:
    """A column that orders rows, as numbers: days for dates, itself for numbers. Raises Unusable for others.

    `day_first` is said where few rows are read as many others were; otherwise the column tells.
    """
    whole = as_numbers(frame[column])
    if whole is None:
        whole = as_days(frame[column]) if day_first is None else days(frame[column], day_first=day_first)
    if whole is not None and whole.notna().any():
        return whole
    if frame.empty or not _filled(frame[column]).any():
        return pd.Series(np.nan, index=frame.index)
    raise Unusable(f"Column {column} holds neither dates nor numbers: it cannot order the rows in time.")
