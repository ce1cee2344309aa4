"""An organization's own fields are checked like built-in ones, and belong to it alone."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.oltp.custom_fields import CustomField, FieldKind
from warehouse.oltp.engine import writing
from warehouse.operations.custom_values import OWN_FIELDS, read_value
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.declare import NotAllowedNow
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, Forbidden, member

Do = Callable[..., Any]


def _field(do: Do, **values: Any) -> Any:
    return do("organization.create_custom_field", **{"entity": "customers", "label": "Tier", "key": "tier"} | values)


@pytest.fixture
def tier(do: Do) -> Any:
    """A choice between gold and silver."""
    return _field(do, kind="choice", privacy="business", choices=["gold", "silver"])


def test_a_value_is_kept_with_its_record(do: Do, tier: Any) -> None:
    made = do("customers.create_customer", name="Pebble", custom_fields={"tier": "gold"})
    assert made.custom_fields == {"tier": "gold"}
    emptied = do("customers.edit_customer", id=made.id, version=1, custom_fields={"tier": None})
    assert emptied.custom_fields == {}


def test_what_was_not_defined_or_not_offered_is_refused(do: Do, tier: Any) -> None:
    with pytest.raises(NotAllowedNow, match="no field 'colour'"):
        do("customers.create_customer", name="Pebble", custom_fields={"colour": "red"})
    with pytest.raises(NotAllowedNow, match="gold, silver"):
        do("customers.create_customer", name="Pebble", custom_fields={"tier": "tin"})


def test_what_was_there_stays_when_its_field_is_gone(do: Do, tier: Any) -> None:
    made = do("customers.create_customer", name="Pebble", custom_fields={"tier": "gold"})
    do("organization.delete_custom_field", id=tier.id, version=1)
    renamed = do("customers.edit_customer", id=made.id, version=1, name="Quarry")
    assert renamed.custom_fields == {"tier": "gold"}
    kept = do("customers.edit_customer", id=made.id, version=2, custom_fields={"tier": "gold"}, name="Pebble")
    assert kept.custom_fields == {"tier": "gold"}


def test_a_needed_field_is_asked_for(do: Do) -> None:
    _field(do, kind="text", privacy="business", is_required=True)
    with pytest.raises(NotAllowedNow, match="Tier is needed"):
        do("customers.create_customer", name="Pebble")


@pytest.mark.parametrize("entity", sorted(OWN_FIELDS))
def test_every_kind_of_record_that_may_have_fields_can(do: Do, entity: str) -> None:
    assert _field(do, entity=entity, kind="text", privacy="business").entity == entity


def test_a_field_is_not_called_like_one_that_is_there(do: Do) -> None:
    with pytest.raises(NotAllowedNow, match="there already"):
        _field(do, key="name", kind="text", privacy="business")
    with pytest.raises(NotAllowedNow, match="can be added to"):
        _field(do, entity="payments", kind="text", privacy="business")


def test_a_choice_has_choices_and_nothing_else_has(do: Do) -> None:
    for kind, choices in (("choice", []), ("text", ["a"]), ("choice", ["a", "a"]), ("choice", [1])):
        with pytest.raises(NotAllowedNow, match="needs its choices"):
            _field(do, kind=kind, choices=choices, privacy="business")


def test_the_same_key_twice_is_refused_and_another_organization_may_have_it(do: Do, tier: Any, bob: Actor) -> None:
    with pytest.raises(NotAllowedNow, match="already a custom field"):
        _field(do, kind="text", privacy="business")
    with writing() as session, pytest.raises(NotAllowedNow, match="no field 'tier'"):
        create_customer(session, bob, CreateCustomer(name="Theirs", custom_fields={"tier": "gold"}))


def test_who_does_not_see_restricted_fields_does_not_set_them(do: Do, ana: Actor) -> None:
    _field(do, key="margin", kind="number", privacy="restricted")
    seller = member(ana.organization_id, ana.membership_id or "", AccessRole.OWNER, frozenset({BusinessFunction.SALES}))
    blind = Actor(**vars(seller) | {"permissions": seller.permissions - {"fields:restricted"}})
    with writing() as session, pytest.raises(Forbidden, match="fields:restricted"):
        create_customer(session, blind, CreateCustomer(name="Pebble", custom_fields={"margin": 3}))


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text())))
def test_any_value_is_kept_in_its_form_or_refused_in_words(value: Any) -> None:
    for kind in FieldKind:
        field = CustomField(key="own", label="Own", kind=kind, choices=["gold"])
        told, kept = "", None
        try:
            kept = read_value(field, value)
        except NotAllowedNow as no:
            told = str(no)
        assert told.startswith("Own is ") if told else kept is None or read_value(field, kept) == kept
