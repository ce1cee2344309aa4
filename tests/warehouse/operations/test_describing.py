"""What a form asks for follows from the tables and the operations."""

from datetime import date
from decimal import Decimal

import pytest

from warehouse.operations.describing import Field, Shape, given_fields, shown_fields
from warehouse.operations.records import RECORDS, title_columns
from warehouse.operations.wording import HELP, label_of


def given(table: str) -> dict[str, Field]:
    return {one.name: one for one in given_fields(table, RECORDS[table].create.input)}


@pytest.mark.parametrize("table", sorted(RECORDS))
def test_every_field_of_every_kind_has_a_label_and_a_shape(table: str) -> None:
    for one in [*shown_fields(table), *given(table).values()]:
        assert one.label[0].isupper() or one.label[0].isdigit()
        assert (one.shape is Shape.REFERENCE) == (one.target is not None)
        assert one.choices if one.shape is Shape.CHOICE else not one.choices


@pytest.mark.parametrize("table", sorted(RECORDS))
def test_every_kind_is_known_by_something_of_its_own(table: str) -> None:
    assert title_columns(table)
    assert set(title_columns(table)) <= {one.name for one in shown_fields(table)}


@pytest.mark.parametrize("table", sorted(table for table, kept in RECORDS.items() if kept.edit))
def test_an_edit_asks_for_nothing_that_a_new_record_is_not_given(table: str) -> None:
    edit = RECORDS[table].edit
    assert edit is not None
    own = {"probability_override"}
    assert {one.name for one in given_fields(table, edit.input)} - own <= set(given(table))


@pytest.mark.parametrize(
    ("table", "name", "shape"),
    [
        ("invoices", "customer_id", Shape.REFERENCE),
        ("invoice_lines", "unit_price", Shape.MONEY),
        ("invoice_lines", "quantity", Shape.NUMBER),
        ("invoice_lines", "tax_percent", Shape.PERCENT),
        ("invoices", "issued_on", Shape.DAY),
        ("tickets", "opened_at", Shape.MOMENT),
        ("tickets", "description", Shape.LONG_TEXT),
        ("tickets", "priority", Shape.CHOICE),
        ("segments", "rules", Shape.JSON),
        ("custom_fields", "choices", Shape.WORDS),
        ("custom_fields", "entity", Shape.CHOICE),
        ("benchmarks", "median", Shape.NUMBER),
        ("fx_rates", "rate", Shape.NUMBER),
        ("products", "is_active", Shape.YES_NO),
        ("invoices", "dunning_level", Shape.WHOLE),
    ],
)
def test_what_is_typed_follows_from_the_column(table: str, name: str, shape: Shape) -> None:
    assert given(table)[name].shape is shape


def test_what_is_counted_up_may_be_left_out_and_what_is_needed_may_not() -> None:
    fields = given("invoices")
    assert fields["number"].is_filled
    assert not fields["number"].is_needed
    assert fields["number"].refusal(None) is None
    assert fields["customer_id"].refusal(None) == "Customer is needed."


@pytest.mark.parametrize(
    ("table", "name", "value", "sentence"),
    [
        ("invoices", "dunning_level", 10, "Not more than 9."),
        ("invoices", "payment_terms_days", -1, "Not less than 0."),
        ("invoice_lines", "discount_percent", Decimal(101), "Not more than 100."),
        ("invoices", "number", "x" * 61, "At most 60 characters."),
        ("landing_pages", "slug", "Not A Slug", "Small letters, digits and hyphens"),
        ("custom_fields", "key", "9lives", "Small letters, digits and underscores"),
        ("invoice_lines", "unit_price", Decimal("1.23456"), "At most 4 decimals."),
        ("segments", "rules", {"a": "4111 1111 1111 1111"}, "card"),
    ],
)
def test_a_refusal_is_a_sentence(table: str, name: str, value: object, sentence: str) -> None:
    told = given(table)[name].refusal(value)
    assert told is not None
    assert sentence in told
    assert "Input should" not in told


def test_a_good_value_is_not_refused() -> None:
    fields = given("invoices")
    assert fields["issued_on"].refusal(date(2026, 3, 1)) is None
    assert fields["currency"].refusal("NOK") is None


def test_every_help_is_for_a_field_there_is() -> None:
    for place in HELP:
        table, name = place.split(".")
        assert given(table)[name].help == HELP[place]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("assigned_sales_rep_id", "Assigned sales rep"),
        ("is_active", "Active"),
        ("utm_source", "UTM source"),
        ("crm_integration", "CRM integration"),
        ("discount_percent", "Discount, %"),
        ("opportunity_id", "Deal"),
    ],
)
def test_labels_are_words(name: str, label: str) -> None:
    assert label_of(name) == label
