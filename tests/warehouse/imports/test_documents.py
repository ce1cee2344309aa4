"""JSON exports are read as tables, the lists inside their objects as tables of their own."""

import json
from pathlib import Path

import pytest

from warehouse.imports.mapping import ImportProblem
from warehouse.imports.sheets import Sheet, read_sheet, tables_in

ORDER = {
    "id": 7,
    "buyer": {"name": "Sol", "address": {"town": "Bergen"}},
    "paid": True,
    "amount": 12.50,
    "tags": ["new", "north"],
    "note": None,
    "custom_fields": [{"id": 36001, "value": "Roof"}],
    "lines": [{"sku": "K1", "price": 4.10}, {"sku": "K2", "price": 12345678901234567890.5, "gift": False}],
}


def _read(tmp_path: Path, text: str, table: str = "orders.json") -> Sheet:
    (tmp_path / "orders.json").write_text(text, encoding="utf-8")
    return read_sheet(tmp_path, table)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ORDER) + "\n" + json.dumps({"id": 8}) + "\n",
        json.dumps([ORDER, {"id": 8}]),
        json.dumps({"orders": [ORDER, {"id": 8}], "count": 2, "next_page": None}),
    ],
    ids=["one object per line", "a list", "an answer of an API"],
)
def test_objects_are_rows_however_they_are_put_together(tmp_path: Path, text: str) -> None:
    sheet = _read(tmp_path, text)
    first, second = sheet.rows
    assert (first["id"], first["buyer.address.town"], first["paid"], first["tags"]) == (
        "7",
        "Bergen",
        "true",
        "new, north",
    )
    assert (first["note"], first["custom_fields.36001"], "lines" in first) == (None, "Roof", False)
    assert (second["id"], second["paid"], sheet.numbers) == ("8", None, [1, 2])


def test_a_number_is_what_the_file_says_to_the_last_digit(tmp_path: Path) -> None:
    text = json.dumps(ORDER).replace("12.5,", "12.50,")
    assert _read(tmp_path, text).rows[0]["amount"] == "12.50"
    digits = '{"id": 7, "total": 12345678901234567890.55}'
    assert _read(tmp_path, f"{digits}\n{digits}").rows[0]["total"] == "12345678901234567890.55"


def test_objects_in_a_list_know_the_object_around_them(tmp_path: Path) -> None:
    lines = _read(tmp_path, json.dumps(ORDER), "orders.json/lines")
    assert [(row["parent.id"], row["parent.buyer.name"], row["sku"]) for row in lines.rows] == [
        ("7", "Sol", "K1"),
        ("7", "Sol", "K2"),
    ]
    assert [row["gift"] for row in lines.rows] == [None, "false"]
    assert "parent.sku" not in lines.columns


def test_each_list_of_objects_in_a_file_is_listed_as_a_table(tmp_path: Path) -> None:
    _read(tmp_path, json.dumps(ORDER))
    assert tables_in(tmp_path) == (["orders.json", "orders.json/custom_fields", "orders.json/lines"], [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"id": 1}\n{"id": ', "orders.json line 2 is no JSON"),
        ("[1, 2]", "orders.json holds no list of objects"),
        ("", "orders.json is empty"),
    ],
)
def test_what_holds_no_objects_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ImportProblem, match=told):
        _read(tmp_path, text)


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match=r"orders\.json holds no payments"):
        _read(tmp_path, json.dumps(ORDER), "orders.json/payments")


def test_a_file_that_is_written_anew_is_read_anew(tmp_path: Path) -> None:
    assert _read(tmp_path, '{"id": 1}').rows[0]["id"] == "1"
    assert _read(tmp_path, '{"id": 22}').rows[0]["id"] == "22"
