"""The record as a person opened it: what their form began with, and the version their changes are made to."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.ui.parts.deal_fields import values_of
from warehouse.oltp.sales import Opportunity

KEY = "opened_deal"


@dataclass(frozen=True)
class Opened:
    """A deal as the form shows it, until it is saved or read anew."""

    id: str
    version: int
    values: dict[str, Any]
    round: int = 0
    """Counts up when the form begins anew; its fields are named by it, so that what was typed goes."""

    @property
    def key(self) -> str:
        """What the form's fields are named by."""
        return f"deal_{self.id}_{self.round}"


def opened(deal: Opportunity) -> Opened:
    """What the form began with; a new visit begins with the record as it is."""
    kept = st.session_state.get(KEY)
    # Streamlit forgets the values of fields it no longer draws: they are there only during one visit.
    if isinstance(kept, Opened) and kept.id == deal.id and f"{kept.key}_name" in st.session_state:
        return kept
    return begin(deal, kept.round + 1 if isinstance(kept, Opened) else 0)


def begin(deal: Opportunity, number: int) -> Opened:
    """Begin the form anew from a record."""
    made = Opened(deal.id, deal.version, values_of(deal), number)
    st.session_state[KEY] = made
    return made


def forget() -> None:
    """The next drawing of the form begins with the record as it then is."""
    kept = st.session_state.get(KEY)
    if isinstance(kept, Opened):
        st.session_state[KEY] = Opened("", 0, {}, kept.round)


def moved_to(version: int) -> None:
    """A change of our own outside the form gave the record a new version; what is typed stays."""
    kept = st.session_state.get(KEY)
    if isinstance(kept, Opened):
        st.session_state[KEY] = Opened(kept.id, version, kept.values, kept.round)
