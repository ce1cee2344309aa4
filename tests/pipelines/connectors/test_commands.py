"""Connecting from the command line: the secret is read, sealed, and never said again."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from apps.cli import app
from tests.fakes.hubspot import TOKEN
from tests.pipelines.connectors.conftest import found
from warehouse.connectors.catalogue import UnknownVendor
from warehouse.oltp.engine import reading
from warehouse.operations.connections import connections_of, find_connection
from warehouse.operations.declare import NotAllowedNow, NotFound
from warehouse.operations.taking_in import opened
from warehouse.settings import settings
from warehouse.tenancy import Actor, operator_actor


def _said(*words: str, told: str | None = None) -> str:
    done = CliRunner().invoke(app, ["connectors", *words], input=told)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_connection_is_added_paused_and_taken_away(acme: Actor) -> None:
    added = _said("add", "hubspot", "--org", "acme", "--bring", "deals", "--every", "5", told=f"{TOKEN}\n")
    assert "HubSpot is connected to acme." in added
    with reading() as session:
        one = find_connection(session, acme, "HubSpot")
        assert (one.things, one.every_minutes) == (["deals"], 5)
        assert opened(session, acme.organization_id, one.id).secret == {"token": TOKEN}
    assert TOKEN not in added + _said("list", "--org", "acme")
    kept = b"".join(path.read_bytes() for path in Path(settings().home).glob("operational.db*"))
    assert TOKEN.encode() not in kept
    assert _said("pause", "HubSpot", "--org", "acme") == "HubSpot is paused.\n"
    assert "paused" in _said("list", "--org", "acme")
    assert _said("pause", "HubSpot", "--org", "acme", "--resume") == "HubSpot goes on.\n"
    assert _said("remove", "HubSpot", "--org", "acme") == "HubSpot is taken away.\n"
    with reading() as session:
        assert connections_of(session, acme) == []


def test_what_cannot_be_connected_is_told_in_a_sentence(acme: Actor) -> None:
    for words, told, failure, sentence in (
        (
            ["add", "fax", "--org", "acme"],
            "x\n",
            UnknownVendor,
            "There is no connector called fax; there are stripe, hubspot.",
        ),
        (["add", "stripe", "--org", "acme"], "\n", NotAllowedNow, "Stripe lets us in with token"),
        (["add", "stripe", "--org", "acme", "--bring", "socks"], "x\n", NotAllowedNow, "there is no socks"),
        (["remove", "HubSpot", "--org", "acme"], "", NotFound, "There is no such connection here."),
    ):
        with pytest.raises(failure, match=sentence):
            _said(*words, told=told)


def test_another_organizations_connection_is_not_found(acme: Actor) -> None:
    _said("add", "stripe", "--org", "acme", told="rk_test_1\n")
    globex = operator_actor(found("globex"))
    with reading() as session:
        [ours] = connections_of(session, acme)
        assert connections_of(session, globex) == []
    with pytest.raises(NotFound):
        _said("remove", ours.id, "--org", "globex")
