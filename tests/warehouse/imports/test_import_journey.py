"""The import at the command line: what it prints, where, and what the numbers say before and after."""

import shutil
from pathlib import Path

import pytest

from tests.houses import MAPPING, House


def _imported(house: House, folder: Path, *more: str, check: bool = True) -> tuple[int, str, str]:
    asked = ["import", str(folder), "--org", "globex", "--mapping", str(MAPPING), *more]
    done = house.run(*asked, check=check)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def changed_export(small_export: Path, tmp_path: Path) -> Path:
    """One deal won since, one new deal, and one row that breaks a rule."""
    folder = tmp_path / "export"
    shutil.copytree(small_export, folder)
    path = folder / "sales_pipeline.csv"
    text = path.read_text().replace("Engaging,2017-03-01,,", "Won,2017-03-01,2017-04-01,70")
    text += "A7,Robin Reed,Kite One,Quarry Lane,Won,2017-05-02,2017-06-21,1000\nA8,Robin Reed,Kite One,,Wun,,,\n"
    path.write_text(text)
    return folder


def test_rejects_are_a_note_and_strict_is_a_refusal(house: House, changed_export: Path) -> None:
    code, _, told = _imported(house, changed_export, "--strict", check=False)
    assert (code, "row 9, stage: 'Wun'" in told) == (1, True)
    _, told, _ = _imported(house, changed_export, "--dry-run")
    assert "Dry run: nothing was written to the store." in told
    _, told, _ = _imported(house, changed_export)
    assert "1 row of sales_pipeline.csv left out, listed with the reasons in" in told


def test_a_suggestion_alone_goes_to_standard_output(house: House, small_export: Path, tmp_path: Path) -> None:
    done = house.run("import", "--suggest", str(small_export))
    mapping = tmp_path / "suggested.yml"
    mapping.write_text(done.stdout)
    assert "Look at these" in done.stderr
    house.run("import", str(small_export), "--org", "newco", "--mapping", str(mapping))


def test_the_export_of_a_vendor_is_recognised_and_imported_by_its_name(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "Account.csv").write_text("Id,IsDeleted,Name,OwnerId,BillingCountry\n001A,false,Pebble,,Peru\n")
    assert (
        "This looks like a Salesforce export: use --mapping salesforce"
        in house.run("import", "--suggest", str(folder)).stderr
    )
    told = house.run("import", str(folder), "--org", "newco", "--mapping", "salesforce", "--dry-run").stdout
    assert "customers              1 read         1 would be written" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--org", "globex"], "Missing argument PATH"),
        ([".", "--mapping", str(MAPPING)], "Missing option --org"),
        ([".", "--org", "globex"], "Missing option --mapping"),
        (
            [".", "--org", "globex", "--mapping", "salseforce"],
            "Shipped ones: crm_maven, hubspot, mailchimp, pipedrive, salesforce, zendesk.",
        ),
        (["--undo", "20260101-000000-0000"], "Missing option --org"),
        (["--undo", "20260101-000000-0000", "--org", "globex"], "There is no import '20260101-000000-0000'"),
        (["--suggest"], "Missing argument PATH"),
        (["--suggest", "nowhere"], "There is no file or folder nowhere"),
    ],
)
def test_a_mistake_gets_a_sentence(built_house: House, arguments: list[str], told: str) -> None:
    done = built_house.run("import", *arguments, check=False)
    assert done.returncode != 0
    assert told in " ".join(done.stderr.split())


@pytest.mark.slow
def test_the_numbers_after_an_undo_are_those_before_the_import(house: House, changed_export: Path) -> None:
    asked = ("won_value,deal_count,won_deal_count,open_deal_count", "--org", "globex")
    before = house.metric(*asked)["rows"]
    _, told, _ = _imported(house, changed_export)
    house.run("refresh")
    during = house.metric(*asked)["rows"]
    assert (during[0]["deal_count"], during[0]["won_deal_count"]) == (7, 5)
    import_id = told.split("This was import ")[1].split(";")[0]
    assert "is undone" in house.run("import", "--undo", import_id, "--org", "globex").stdout
    house.run("refresh")
    assert house.metric(*asked)["rows"] == before
