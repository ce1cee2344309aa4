"""An organization is deleted completely, wherever the deletion is interrupted, and the others do not notice."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.houses import ROOT, House
from warehouse.extracts.builds import latest_build
from warehouse.extracts.publish import OrganizationDeparted, publish
from warehouse.lake.connection import open_lake
from warehouse.metrics.serving import NoExtract, serving
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import Organization, Receipt
from warehouse.operations import departure
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.departure import NoCertificate, begin, certificate, find_departure, proceed, unfinished
from warehouse.operations.takeaway import export_organization
from warehouse.tenancy import Actor, Forbidden, operator_actor

pytestmark = pytest.mark.slow


def actor_at(slug: str) -> Actor:
    with reading() as session:
        return operator_actor(session.query(Organization).filter(Organization.slug == slug).one().id)


def keep_receipts(house: House) -> None:
    """As if every receipt had been saved."""
    with house.entered(), writing() as session:
        for receipt in session.query(Receipt):
            receipt.kept = True


def found_anywhere(home: Path, *texts: str) -> list[str]:
    """Files of the data folder in which one of the texts stands, the store's free pages included."""
    hits = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.parent.name not in {"logs", "audit"}:
            content = path.read_bytes()
            hits += [str(path.relative_to(home)) for text in texts if text.encode() in content]
    return hits


def in_store(home: Path, *texts: str) -> dict[str, int]:
    """Table → rows with one of the texts, read past all of our own code."""
    found: dict[str, int] = {}
    with closing(sqlite3.connect(home / "operational.db")) as store:
        for (table,) in store.execute("select name from sqlite_master where type = 'table'").fetchall():
            rows = store.execute(f'select * from "{table}"').fetchall()
            hits = sum(any(text in str(row) for text in texts) for row in rows)
            if hits:
                found[table] = hits
    return found


def test_a_deleted_organization_is_nowhere_and_the_others_numbers_and_receipts_hold(
    house: House, tmp_path: Path
) -> None:
    kept = house.metric("won_value", "--org", "demo", "--by", "sales_rep")
    gone = house.metric("won_value", "--org", "globex")
    keep_receipts(house)
    with house.entered():
        organization_id = actor_at("globex").organization_id
    export = tmp_path / "globex.zip"
    told = house.run("organization", "delete", "globex", "--export", str(export), "--yes-delete", "globex").stdout
    paper = json.loads(told[told.index("{") :])

    assert paper["organization"] == organization_id
    assert paper["finished_at"]
    assert set(paper["scan"].values()) == {0}
    assert {"store.customers", "lake", "extracts and evidence", "files", "imports"} <= set(paper["scan"])
    assert paper["rows"]["opportunities"] == 6
    assert paper["rows"]["lake.raw.opportunities"] == 6
    texts = (organization_id, "Pebble & Sons", "Quarry Lane", "Robin Reed", "bob@globex.example")
    assert set(in_store(house.home, *texts)) <= {"departures", "audit_releases"}
    assert found_anywhere(house.home, *texts[1:]) == []
    # The certificate, and the ids of the snapshot the demo company's receipts need.
    named = {Path(one).name.partition("-")[0] for one in found_anywhere(house.home, organization_id)}
    assert named <= {"operational.db", "catalog.sqlite"}
    assert json.loads(house.run("organization", "certificate", "globex").stdout) == paper
    assert json.loads(house.run("organization", "certificate", paper["id"]).stdout) == paper

    again = house.metric("won_value", "--org", "demo", "--by", "sales_rep")
    assert again["rows"] == kept["rows"]
    assert "holds" in house.run("verify", kept["receipt"]).stdout
    refused = house.run("verify", gone["receipt"], check=False)
    assert refused.returncode == 1
    assert "globex" in house.run("metric", "won_value", "--org", "globex", check=False).stderr
    house.run("refresh")
    assert house.metric("won_value", "--org", "demo", "--by", "sales_rep")["rows"] == kept["rows"]
    assert "holds" in house.run("verify", kept["receipt"]).stdout


def test_the_export_has_every_table_as_csv_and_json_and_no_secret(
    house: House, tmp_path: Path, enter: Callable[[House], None]
) -> None:
    enter(house)
    export_organization(actor_at("globex"), tmp_path / "globex.zip")
    with zipfile.ZipFile(tmp_path / "globex.zip") as archive:
        assert archive.testzip() is None
        deals = list(csv.DictReader(io.TextIOWrapper(archive.open("opportunities.csv"), "utf-8")))
        assert deals == [
            {
                name: "" if value is None else value if isinstance(value, str) else str(value)
                for name, value in row.items()
            }
            for row in json.loads(archive.read("opportunities.json"))
        ]
        assert len(deals) == 6
        assert "token_hash" not in archive.read("invitations.csv").decode()
        assert not {"users.csv", "sessions.csv", "authenticators.csv"} & set(archive.namelist())


def test_nothing_is_deleted_without_its_export_and_its_name_typed(
    house: House, tmp_path: Path, enter: Callable[[House], None]
) -> None:
    enter(house)
    actor = actor_at("globex")
    with pytest.raises(NotAllowedNow, match="Export"):
        begin(actor, "globex", tmp_path / "nothing.zip")
    export_organization(actor, tmp_path / "globex.zip")
    with pytest.raises(NotAllowedNow, match="Type globex"):
        begin(actor, "demo", tmp_path / "globex.zip")
    with pytest.raises(Forbidden):
        begin(
            Actor(actor.organization_id, "x", actor.permissions - {"organization:delete"}),
            "globex",
            tmp_path / "globex.zip",
        )
    assert unfinished() == []
    with reading() as session, pytest.raises(NoCertificate):
        find_departure(session, "globex")


@pytest.mark.parametrize("step", list(departure.STEPS))
def test_stopped_after_a_step_that_was_not_noted_it_ends_the_same(
    house: House, tmp_path: Path, enter: Callable[[House], None], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    enter(house)
    actor = actor_at("globex")
    export_organization(actor, tmp_path / "globex.zip")
    made = begin(actor, "globex", tmp_path / "globex.zip")
    real = departure.STEPS[step]

    def stop(found: departure.Departure) -> None:
        real(found)
        raise KeyboardInterrupt

    monkeypatch.setitem(departure.STEPS, step, stop)
    with pytest.raises(KeyboardInterrupt):
        proceed(made)
    assert unfinished() == [made]
    with pytest.raises(OrganizationDeparted):
        _publish(actor.organization_id)
    monkeypatch.setitem(departure.STEPS, step, real)
    proceed(made)
    with reading() as session:
        paper = certificate(find_departure(session, "globex"))
    assert set(dict(paper["scan"]).values()) == {0}  # type: ignore[call-overload]
    assert dict(paper["rows"])["lake.raw.opportunities"] == 6  # type: ignore[call-overload]
    with pytest.raises(NoExtract):
        serving(actor.organization_id)


def _publish(organization_id: str) -> None:
    build = latest_build()
    assert build is not None
    with open_lake() as lake:
        publish(lake, build, organization_id)


KILLED = """
import os, signal, sys
from warehouse.operations import departure
name = sys.argv[1]
real = departure.STEPS[name]
def die(found):
    if name != "store":
        real(found)
    os.kill(os.getpid(), signal.SIGKILL)
departure.STEPS[name] = die
departure.proceed(sys.argv[2])
"""


@pytest.mark.parametrize("step", ["store", "lake", "folders"])
def test_a_killed_process_leaves_what_the_same_command_ends(house: House, tmp_path: Path, step: str) -> None:
    with house.entered():
        actor = actor_at("globex")
        export_organization(actor, tmp_path / "globex.zip")
        made = begin(actor, "globex", tmp_path / "globex.zip")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step, made], cwd=ROOT, env=os.environ | house.environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    told = house.run("organization", "delete", "globex").stdout
    assert set(json.loads(told[told.index("{") :])["scan"].values()) == {0}
