"""`longhouse audit` proves the audit, or names what was altered and ends with 1; and lists it in three forms."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.houses import House
from tests.tampering import tamper
from warehouse.oltp.engine import reading
from warehouse.operations.anchors import anchors_path, write_anchors
from warehouse.operations.events import EXPORTED


@pytest.fixture
def here(house: House, enter: Callable[[House], None]) -> House:
    """A house of two organizations that this process works on too."""
    enter(house)
    return house


def _anchor() -> None:
    with reading() as session:
        write_anchors(session, datetime.now(UTC))


def _rows(house: House, *arguments: str) -> list[dict[str, object]]:
    told = json.loads(house.run("audit", "list", "--org", "globex", "--format", "json", *arguments).stdout)
    rows = told["rows"]
    assert isinstance(rows, list)
    return rows


def test_an_audit_that_holds_is_told_per_organization(here: House) -> None:
    told = here.run("audit", "verify").stdout
    assert told.count("the chain holds.") == 2
    assert "There are no anchors yet" in told
    _anchor()
    alone = here.run("audit", "verify", "--org", "globex").stdout
    assert "1 anchor compared: the chain holds." in alone
    assert "demo:" not in alone


def test_an_altered_row_is_named_and_the_command_fails(here: House) -> None:
    tamper(
        "update audit_events set operation = 'x' where position = 1 and organization_id = "
        "(select id from organizations where slug = 'globex')"
    )
    done = here.run("audit", "verify", check=False)
    assert done.returncode == 1
    assert "globex: " in done.stdout
    assert "THE CHAIN IS BROKEN" in done.stdout
    assert "was changed after it was written" in done.stdout
    assert here.run("audit", "verify", "--org", "demo").returncode == 0


def test_a_copy_of_the_anchors_finds_out_an_organization_that_is_gone(here: House, tmp_path: Path) -> None:
    _anchor()
    copy = tmp_path / "kept-elsewhere.jsonl"
    shutil.copy(anchors_path(), copy)
    anchors_path().unlink()
    tamper("delete from change_events", "delete from audit_events")
    done = here.run("audit", "verify", "--anchors", str(copy), check=False)
    assert done.returncode == 1
    assert done.stdout.count("its end was cut off") == 2


def test_anchors_that_cannot_be_read_are_told_in_a_sentence(here: House, tmp_path: Path) -> None:
    done = here.run("audit", "verify", "--anchors", str(tmp_path / "none"), check=False)
    assert done.returncode == 1
    assert "cannot be read: No such file" in done.stderr


def test_the_list_narrows_by_who_what_and_when_and_exports_leave_a_row(here: House) -> None:
    everything = _rows(here)
    assert [row["position"] for row in everything] == list(range(1, len(everything) + 1))
    exported = _rows(here, "--operation", EXPORTED)
    assert [row["what"] for row in exported] == ["Took data away as a file"]
    assert _rows(here, "--operation", "took data away as a file", "--limit", "1")[0]["details"] == {
        "format": "json",
        "personal": True,
    }
    assert _rows(here, "--actor", "bob@globex.example", "--until", "2020-01-01") == []
    assert len(_rows(here, "--actor", "operator, command line", "--since", "2020-01-01")) > len(everything)


def test_csv_has_every_column_and_a_table_is_no_export(here: House) -> None:
    table = here.run("audit", "list", "--org", "globex").stdout
    assert "Operator" in table
    written = here.run("audit", "list", "--org", "globex", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(written)))
    assert {row["operation"] for row in rows} == {"organization.create_organization", "organization.bulk_load"}
    assert json.loads(rows[0]["details"])["rows"] == 1


def test_a_member_without_the_right_is_refused(here: House) -> None:
    done = here.run("audit", "list", "--org", "demo", "--as", "vera@demo.example", check=False)
    assert done.returncode == 1
    assert "organization:audit" in done.stderr


def test_a_day_that_is_none_is_told(here: House) -> None:
    done = here.run("audit", "list", "--org", "globex", "--since", "soon", check=False)
    assert done.returncode == 2
    assert "takes a date like" in done.stderr
