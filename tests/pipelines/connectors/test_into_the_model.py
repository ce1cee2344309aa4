"""From a vendor to the business model: the command brings it, a refresh builds it, in one vocabulary with our own records."""

import json
from decimal import Decimal

import pytest

from pipelines.transform.selection import plan
from tests.fakes.stripe import KEY, FakeStripe
from tests.houses import House
from tests.pipelines.connectors.conftest import connect
from warehouse.extracts.definitions import project_digest
from warehouse.lake.connection import open_lake
from warehouse.oltp.engine import reading
from warehouse.operations.organization import find_organization
from warehouse.settings import settings
from warehouse.tenancy import operator_actor


@pytest.mark.slow
def test_what_stripe_has_is_in_the_business_model_after_a_refresh(house: House) -> None:
    stripe = FakeStripe()
    stripe.fill(5)
    [yen, strange, *_] = stripe.there["charge"]
    stripe.change("charge", yen, currency="jpy", amount=1200)
    stripe.change("charge", strange, status="held_for_a_reason")
    with house.entered():
        with reading() as session:
            globex = find_organization(session, "globex").id
        connect(operator_actor(globex), "stripe", {"token": KEY}, name="The shop")
    with stripe.serving() as address:
        where = {"LONGHOUSE_CONNECTOR_ADDRESSES": json.dumps({"stripe": address})}
        tried = house.run("connectors", "test", "The shop", "--org", "globex", **where)
        assert "Stripe lets us read charges" in tried.stderr + tried.stdout
        house.run("connectors", "sync", "The shop", "--org", "globex", **where)
    with house.entered(), open_lake() as lake:
        planned = plan(lake, project_digest())
    assert planned.sources is not None
    assert "stripe_charges" in planned.sources
    assert "opportunities" not in planned.sources, "nothing of our own records needs to be built again"
    house.run("refresh")
    listed = house.run("connectors", "list", "--org", "globex").stdout
    assert "The shop" in listed
    with house.entered(), open_lake() as lake:
        assert plan(lake, project_digest()).sources == ()
        lake.attach(settings().workshop_path, "workshop")
        asked = "select source_id, amount, currency, state from workshop.intermediate.int_payments__unioned"
        paid = {row[0]: row[1:] for row in lake.run(f"{asked} where source_system = 'stripe'")}
        unmapped = lake.run("from workshop.intermediate.int_states__unmapped")
        ours = lake.value(
            "select count(*) from workshop.intermediate.int_payments__unioned where source_system = 'longhouse'"
        )
    assert len(paid) == len(stripe.there["charge"])
    assert paid[yen] == (Decimal(1200), "JPY", "succeeded")
    assert paid[strange][2] is None
    assert [(str(row[0]), *row[1:]) for row in unmapped] == [(globex, "stripe", "payment", "held_for_a_reason", 1)]
    assert ours > 0
