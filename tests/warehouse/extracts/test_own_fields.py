"""What an organization's own fields are called in its extract, and which tables have them."""

from hypothesis import given
from hypothesis import strategies as st

from warehouse.extracts.definitions import Model
from warehouse.extracts.own_fields import OwnField, columns_of, free_name, select_list

NAMES = st.sampled_from(["stage", "tier", "customer_stage", "customer_customer_stage", "opportunity_tier"])


def _model(name: str, *columns: str) -> Model:
    return Model(name, "core", "", ("organization_id", *columns), None, (), (), ())


def _field(entity: str, name: str = "tier", kind: str = "text") -> OwnField:
    return OwnField(name, entity, name, name.title(), kind, "business")


def test_a_field_is_called_by_its_key() -> None:
    assert free_name("tier", "customer", {"stage"}) == "tier"


def test_a_field_with_a_governed_name_is_called_by_its_record_too() -> None:
    assert free_name("stage", "customer", {"stage"}) == "customer_stage"


@given(st.lists(st.tuples(NAMES, st.sampled_from(["customer", "opportunity"])), max_size=12))
def test_no_two_fields_are_called_the_same(fields: list[tuple[str, str]]) -> None:
    taken = {"stage"}
    for key, noun in fields:
        name = free_name(key, noun, taken)
        assert name not in taken
        taken.add(name)


def test_every_table_that_names_the_record_has_its_fields() -> None:
    models = [
        _model("dim_customers", "customer_id"),
        _model("fct_opportunities", "opportunity_id", "customer_id"),
        _model("people_customers", "customer_id"),
        _model("dim_products", "product_id"),
    ]
    found = columns_of(models, [_field("customers"), _field("opportunities", "champion")])
    assert {(one.model, one.field.name) for one in found} == {
        ("dim_customers", "tier"),
        ("fct_opportunities", "tier"),
        ("fct_opportunities", "champion"),
    }


def test_one_join_serves_all_fields_of_a_record() -> None:
    fields = [
        _field("customers"),
        _field("customers", "seats", "number"),
        _field("opportunities", "champion", "yes_no"),
    ]
    chosen, joins = select_list(_model("fct_opportunities", "opportunity_id", "customer_id", "own_fields"), fields)
    assert joins.count("left join") == 1
    assert "customers.organization_id" in joins
    assert "exclude (organization_id, own_fields)" in chosen
    assert '::decimal(18,4) as "seats"' in chosen
    assert "(model.own_fields ->> '$.champion')::boolean as \"champion\"" in chosen
