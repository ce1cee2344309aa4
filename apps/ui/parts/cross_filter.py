"""Filters a whole page by what a clicked mark stands for."""

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.words import value_in_words
from warehouse.metrics.catalogue import Catalogue
from warehouse.tenancy import Actor

FILTER = "only_{}"
"""The part of the address, and the field, that holds a filter of a dimension."""


def ways(
    actor: Actor, row: Mapping[str, Any], filters: Collection[str], metric: str, known: Catalogue
) -> dict[str, str]:
    """Dimension → word, of what in a line the page's own filters know. A filter that offers the word already chosen alone is left out."""
    day = answers.opens_on(actor).as_of
    return {
        name: str(row[name])
        for name in filters
        if row.get(name) is not None
        and name in known.metrics[metric].dimensions
        and st.session_state.get(FILTER.format(name)) != [str(row[name])]
        and str(row[name]) in answers.choices(actor, name, day, metric)
    }


def offer(known: Catalogue, found: Mapping[str, str]) -> None:
    """A button for each way."""
    if not found:
        return
    with st.container(horizontal=True):
        for name, word in found.items():
            label = known.dimensions[name].label.lower()
            told = formats.plain(value_in_words(name, word))
            asked = st.button(
                f"Filter the page by {label} {told}",
                key=f"narrow_{name}",
                icon=":material/filter_alt:",
                on_click=_narrow,
                args=(name, word),
            )
            if asked:
                # The dialog runs alone; the page behind it is drawn anew.
                st.rerun()


def _narrow(name: str, word: str) -> None:
    st.session_state[FILTER.format(name)] = [word]
