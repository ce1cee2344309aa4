"""A clicked mark filters the page by what it stands for, where the page has such a filter."""

from streamlit.testing.v1 import AppTest

from apps.ui import answers
from apps.ui.parts.cross_filter import ways
from tests.apps.ui.conftest import OLIVE, Screens
from tests.houses import today
from warehouse.metrics.periods import last_complete
from warehouse.metrics.question import Question


def page() -> None:
    """A page with one filter, and the button of a mark."""
    from types import SimpleNamespace
    from typing import Any

    import streamlit as st

    from apps.ui.parts.cross_filter import offer

    known: Any = SimpleNamespace(dimensions={"sector": SimpleNamespace(label="Sector")})
    chosen = st.multiselect("Sector", ["retail", "software"], key="only_sector", bind="query-params")
    st.text(", ".join(chosen) or "everything")
    offer(known, {"sector": "software"})


def test_the_button_sets_the_filter_and_the_page_follows() -> None:
    screen = AppTest.from_function(page).run()
    assert screen.text[0].value == "everything"
    [button] = screen.button
    assert button.label == "Filter the page by sector software"
    button.click().run()
    assert not screen.exception
    assert screen.text[0].value == "software"
    assert screen.multiselect[0].value == ["software"]


def test_only_what_the_page_can_be_filtered_by_is_offered(screens: Screens) -> None:
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    month, known = last_complete(today(), "month"), answers.catalogue(actor)
    asked = Question(metrics=("won_value",), by=("sector",), start=month.start, end=month.end, as_of=today())
    row = answers.ask(actor, asked).rows[0]
    assert ways(actor, row, ("sector", "product"), "won_value", known) == {"sector": row["sector"]}
    assert ways(actor, row, ("product",), "won_value", known) == {}
    assert ways(actor, row | {"sector": None}, ("sector",), "won_value", known) == {}
    assert ways(actor, row | {"sector": "a sector nobody has"}, ("sector",), "won_value", known) == {}
