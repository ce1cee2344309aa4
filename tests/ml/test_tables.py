"""A table that somebody brings is read as a person would read it."""

from pathlib import Path

import pandas as pd
import pytest

from ml.tables import Unusable, as_days, as_moments, as_numbers, read


def test_numbers_may_carry_a_sign_of_money_and_thousands() -> None:
    told = as_numbers(pd.Series(["$1,234.50", "-12", "7 %", None, " "]))
    assert told is not None
    assert told.tolist()[:3] == [1234.5, -12.0, 7.0]
    assert told.isna().tolist() == [False, False, False, True, True]


def test_a_day_above_twelve_tells_that_days_come_first() -> None:
    told = as_days(pd.Series(["03-08-2024", "31-08-2024"]))
    assert told is not None
    assert told[1] - told[0] == 28


def test_months_come_first_where_nothing_tells_otherwise() -> None:
    told = as_days(pd.Series(["1/13/2013", "2/1/2013"]))
    assert told is not None
    assert told[1] - told[0] == 19


def test_a_month_alone_is_a_moment() -> None:
    assert as_moments(pd.DataFrame({"m": ["1949-01", "1949-02"]}), "m").diff()[1] == 31


def test_infinite_numbers_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\ninf,1\n-inf,2\n3,4\n")
    assert read(tmp_path / "t.csv")["a"].isna().tolist() == [True, True, False]


def test_a_file_of_another_alphabet_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("name,b\nMüller,1\n".encode("cp1252"))
    assert read(tmp_path / "t.csv")["name"][0] == "Müller"


@pytest.mark.parametrize("content", [b"", b"\n", b"\x00\x01\xff", b'a,b\n1,2,3\n4\n"5'])
def test_what_is_no_table_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(Unusable):
        read(tmp_path / "t.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no file"):
        read(tmp_path)
