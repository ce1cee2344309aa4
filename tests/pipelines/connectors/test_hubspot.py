"""What is HubSpot's alone: its searches, its archive, its own client."""

from datetime import timedelta

import pytest

from tests.fakes.hubspot import OBJECTS, TOKEN, FakeHubSpot
from tests.pipelines.connectors.conftest import Pretending, connect, in_the_lake
from tests.pipelines.connectors.pretences import agrees, bring
from warehouse.oltp.connectors import Connection
from warehouse.settings import settings
from warehouse.tenancy import Actor


@pytest.fixture
def hubspot(acme: Actor, pretending: Pretending) -> FakeHubSpot:
    """A sales team's account, on several pages."""
    made = FakeHubSpot()
    made.most = 3
    made.fill(8)
    pretending("hubspot", made)
    return made


@pytest.fixture
def ours(acme: Actor, hubspot: FakeHubSpot) -> Connection:
    return connect(acme, "hubspot", {"token": TOKEN})


def test_what_changed_is_searched_and_what_was_archived_is_marked(ours: Connection, hubspot: FakeHubSpot) -> None:
    bring(ours, hubspot)
    there, _ = in_the_lake("hubspot_deals", ours.id)
    assert {one["properties"]["amount"] for one in there.values()} == {
        one["properties"]["amount"] for one in hubspot.there["deals"].values()
    }
    hubspot.now += timedelta(hours=3)
    [deal, gone, *_] = hubspot.there["deals"]
    hubspot.change("deals", deal, dealstage="closedwon", dealname="Roof of Ana")
    hubspot.delete("deals", gone)
    second = bring(ours, hubspot)
    assert second.counts["deals"] == {"read": 2, "changed": 1, "deleted": 1, "refused": 0}
    agrees(ours, hubspot)


def test_of_more_changes_than_a_search_gives_none_is_lost_while_others_move(
    ours: Connection, hubspot: FakeHubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(ours, hubspot)
    hubspot.now += timedelta(hours=3)
    for id_ in hubspot.there["contacts"]:
        hubspot.change("contacts", id_, lifecyclestage="customer")
    monkeypatch.setattr("tests.fakes.hubspot.MOST_FOUND", 5)
    moved = iter(list(hubspot.there["contacts"]))
    hubspot.between = lambda number: hubspot.change("contacts", next(moved, id_), lifecyclestage="other")
    assert bring(ours, hubspot).problem == ""
    hubspot.between = lambda number: None
    assert bring(ours, hubspot).problem == ""
    agrees(ours, hubspot)


def test_only_declared_properties_are_asked_for(ours: Connection, hubspot: FakeHubSpot) -> None:
    bring(ours, hubspot)
    asked = {name for one in hubspot.asked for name in one.query.get("properties", "").split(",") if name}
    assert {"dealstage", "firstname"} <= asked
    assert "secret_score" not in asked


def test_hubspots_own_client_reads_from_the_fake_what_our_connector_reads(
    ours: Connection, hubspot: FakeHubSpot
) -> None:
    sdk = pytest.importorskip("hubspot")
    from hubspot.crm.contacts import Filter, FilterGroup, PublicObjectSearchRequest
    from hubspot.crm.contacts.exceptions import ApiException

    theirs = sdk.Client.create(access_token=TOKEN, host=settings().connector_addresses["hubspot"])
    read = {kind: {one.id for one in getattr(theirs.crm, kind).get_all()} for kind in OBJECTS}
    read["owners"] = {one.id for one in theirs.crm.owners.get_all()}
    first = sorted(read["contacts"], key=int)[0]
    beyond = Filter(property_name="hs_object_id", operator="GT", value=first)
    searched = PublicObjectSearchRequest(filter_groups=[FilterGroup(filters=[beyond])], limit=2, properties=["email"])
    found = theirs.crm.contacts.search_api.do_search(public_object_search_request=searched)
    assert (found.total, len(found.results), found.paging.next.after) == (7, 2, "2")
    bring(ours, hubspot)
    for kind, ids in read.items():
        assert ids == set(in_the_lake(f"hubspot_{kind}", ours.id)[0]), kind
    stranger = sdk.Client.create(access_token="wrong", host=settings().connector_addresses["hubspot"])
    with pytest.raises(ApiException, match="401"):
        stranger.crm.contacts.basic_api.get_page()
