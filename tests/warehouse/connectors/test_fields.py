"""Nothing that was not declared business enters the lake, whatever a vendor sends."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from warehouse.connectors.catalogue import VENDORS
from warehouse.connectors.fields import Parting
from warehouse.connectors.spec import Kind, Thing

CANARY = "Ana Canary <ana.canary@acme.test>"
DECLARED = [(vendor.table(thing), thing) for vendor in VENDORS.values() for thing in vendor.things]

ORDER = Thing(
    "orders",
    "/orders",
    business={
        "id": Kind.CODE,
        "total": Kind.WHOLE,
        "lines.price": Kind.NUMBER,
        "paid_at": Kind.MOMENT,
        "open": Kind.FLAG,
    },
    personal=("buyer", "lines.note"),
    unused=("link",),
)


def test_a_record_is_parted_by_what_was_declared_of_its_fields() -> None:
    record = {
        "id": "o-1",
        "total": 5,
        "open": True,
        "paid_at": "2026-06-01T10:00:00Z",
        "buyer": {"name": "Ana", "tags": ["vip"]},
        "lines": [{"price": "1.50", "note": "for Ana"}, {"price": 2, "colour": "red"}],
        "link": "https://shop.test/o-1",
    }
    parted = Parting(ORDER).part(record)
    assert parted.business == {
        "id": "o-1",
        "total": 5,
        "open": True,
        "paid_at": "2026-06-01T10:00:00Z",
        "lines": [{"price": "1.50"}, {"price": 2}],
    }
    assert parted.personal == {"buyer": {"name": "Ana", "tags": ["vip"]}, "lines": [{"note": "for Ana"}, None]}
    assert parted.undeclared == {"lines.colour": "red"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", CANARY),
        ("id", {"value": CANARY}),
        ("total", "five"),
        ("total", 1.5),
        ("total", True),
        ("open", "yes"),
        ("paid_at", "yesterday"),
        ("paid_at", 10**20),
        ("lines", CANARY),
        ("lines", [CANARY]),
        ("lines", {"price": [{"is": CANARY}]}),
        ("lines.price", CANARY),
    ],
)
def test_a_value_of_another_kind_than_declared_stays_out(field: str, value: object) -> None:
    parted = Parting(ORDER).part({"id": "o-1"} | {field: value})
    assert "Canary" not in json.dumps(parted.business)
    assert parted.undeclared
    assert parted.personal == {}


def test_a_key_with_a_dot_in_it_is_no_way_to_another_place() -> None:
    parted = Parting(ORDER).part({"lines.price": 3, "buyer.name": "Ana"})
    assert (parted.business, parted.personal) == ({}, {})
    assert set(parted.undeclared) == {"lines.price", "buyer.name"}


_values = st.recursive(
    st.just(CANARY) | st.none() | st.integers() | st.booleans() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "data", "name", CANARY]), inner),
    max_leaves=6,
)


@tried(max_examples=40, deadline=None, derandomize=True)
@given(drift=st.data())
@pytest.mark.parametrize(("table", "thing"), DECLARED, ids=[name for name, _ in DECLARED])
def test_whatever_a_vendor_sends_a_canary_never_enters_the_lake(table: str, thing: Thing, drift: Any) -> None:
    """At every declared place, and beside it, a value of any shape: as a vendor's next version may send it."""
    record: dict[str, Any] = {}
    for place in drift.draw(
        st.lists(st.sampled_from([*thing.business, *thing.personal, "new", "new.deep"]), max_size=8)
    ):
        within = record
        *way, last = place.split(".")
        for step in way:
            within = within.setdefault(step, {}) if isinstance(within.get(step, {}), dict) else {}
        within[last] = drift.draw(_values)
    labels = {place for place, kind in thing.business.items() if kind is Kind.LABEL}
    kept = Parting(thing).part(record).business
    assert CANARY not in json.dumps(
        {place: one for place, one in _flat(kept) if place not in labels}, ensure_ascii=False
    )


def _flat(value: Any, place: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [
            (f"{place}\0{key}" if "." in key else below, one)
            for key, inner in value.items()
            for below, one in _flat(inner, f"{place}.{key}".strip("."))
        ]
    if isinstance(value, list):
        return [found for inner in value for found in _flat(inner, place)]
    return [(place, value)]


@pytest.mark.parametrize(("table", "thing"), DECLARED, ids=[name for name, _ in DECLARED])
def test_no_field_is_declared_twice(table: str, thing: Thing) -> None:
    declared = [*thing.business, *thing.personal, *thing.unused]
    assert sorted(declared) == sorted(set(declared))
    # What is under a personal or an unused place is personal or unused as a whole.
    whole = [*thing.personal, *thing.unused]
    assert [one for one in declared if any(one.startswith(f"{above}.") for above in whole)] == []
    assert thing.business[thing.key] is Kind.CODE
