"""`longhouse demo` tells what it made, and the same again next time."""

import json
from pathlib import Path

from tests.houses import House
from tests.warehouse.demo.frames import SEED, UNTIL, company_of
from warehouse.demo.choices import Preset
from warehouse.demo.content import Content
from warehouse.demo.house import company_chunks
from warehouse.demo.truth import Truth

WISH = ("demo", "--preset", "tiny", "--only", "inkwell", "--until", UNTIL.isoformat(), "--format", "json")


def _content() -> Content:
    content = Content()
    for chunk in company_chunks(company_of("inkwell", Preset.TINY), SEED, Truth(None)):
        content.add("inkwell", chunk)
    return content


def test_what_was_made_is_told_for_programs(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    told = json.loads(house.run(*WISH).stdout)
    (made,) = told["organizations"]
    assert (made["slug"], made["is_new"]) == ("inkwell", True)
    assert made["sign_ins"][0]["role"] == "owner"
    expected = _content()
    assert told["content_hash"] == expected.digest()
    assert told["tables"] == expected.tables()
    assert told["rows"] == dict(sorted(expected.rows.items()))
    assert (Path(made["truth"]) / "lead.parquet").exists()
    again = json.loads(house.run(*WISH).stdout)
    assert again["content_hash"] is None
    assert not again["organizations"][0]["is_new"]


def test_a_company_nobody_knows_is_one_sentence(tmp_path: Path) -> None:
    done = House(tmp_path / "data").run("demo", "--only", "nobody", check=False)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("The preset small has no company 'nobody'.")


def test_a_size_nobody_offers_is_told_with_those_that_are(tmp_path: Path) -> None:
    done = House(tmp_path / "data").run("demo", "--preset", "big", check=False)
    assert done.returncode == 2
    assert "Invalid value for '--preset': 'big' is not one of 'small', 'tiny', 'demo', 'wide', 'deep'." in done.stderr
