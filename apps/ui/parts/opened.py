"""The record as a person opened it: what their form began with, and the version their changes are made to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

KEY = "opened_record"


@dataclass(frozen=True)
class Opened:
    """A record as the form shows it, until it is saved or read anew."""

    id: str
    version: int
    values: dict[str, Any]
    round: int = 0
    """Counts up when the form begins anew; its fields are named by it, so that what was typed goes."""

    @property
    def key(self) -> str:
        """What the form's fields are named by."""
        return f"record_{self.id}_{self.round}"


def opened(record: Any, values_of: Callable[[Any], dict[str, Any]]) -> Opened:
    """What the form began with; a new visit begins with the record as it is."""
    kept = st.session_state.get(KEY)
    # Streamlit forgets the values of fields it no longer draws: they are there only during one visit.
    if isinstance(kept, Opened) and kept.id == record.id and _is_drawn(kept):
        return kept
    made = Opened(record.id, record.version, values_of(record), kept.round + 1 if isinstance(kept, Opened) else 0)
    st.session_state[KEY] = made
    return made


def _is_drawn(kept: Opened) -> bool:
    return any(str(name).startswith(f"{kept.key}_") for name in st.session_state)


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
