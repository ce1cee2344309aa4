"""Card numbers are known by length and check digit, and refused wherever people type or files bring free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from warehouse.cards import CardNumber, refuse_card
from warehouse.operations.customers import CreateCustomer

TEST_CARDS = ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "4222222222222", "6011000990139424"]
"""Numbers that card networks publish for tests."""


@pytest.mark.parametrize("number", TEST_CARDS)
@pytest.mark.parametrize("around", ["{}", "pays with {} from May", "({})", "card:{}", "order 77 {} 12"])
def test_a_card_number_is_refused_wherever_it_stands(number: str, around: str) -> None:
    with pytest.raises(CardNumber, match="payment card number"):
        refuse_card(around.format(number))


@pytest.mark.parametrize(
    "text", ["4111111111111112", "+49 4111 1111 1111 1111", "411111111111", "01a1f8b8-5968-75ed-a89a-03373fb6adcb", ""]
)
def test_other_long_numbers_stay(text: str) -> None:
    assert refuse_card(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"]), max_size=200))
def test_text_without_figures_is_never_refused(text: str) -> None:
    assert refuse_card(text) == text


@given(st.integers(10**14, 10**15 - 1))
def test_exactly_one_check_digit_makes_a_card_number(stem: int) -> None:
    refused = 0
    for digit in range(10):
        try:
            refuse_card(f"{stem}{digit}x"[:-1])
        except CardNumber:
            refused += 1
    # Shorter runs inside have check digits of their own only where groups are parted.
    assert refused == 1


def test_an_operation_says_so_without_repeating_the_number() -> None:
    with pytest.raises(ValidationError) as refused:
        CreateCustomer(name="Pebble", address="pays with 4111 1111 1111 1111")
    [told] = refused.value.errors(include_input=False, include_context=False, include_url=False)
    assert "payment card number" in told["msg"]
    assert "4111" not in told["msg"]


def test_a_telephone_number_may_be_long() -> None:
    assert CreateCustomer(name="Pebble", phone="4111111111111111").phone == "4111111111111111"
