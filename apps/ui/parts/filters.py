"""Filters of the screens with numbers; the address keeps what was chosen."""

from dataclasses import dataclass
from datetime import date

import streamlit as st

from apps.ui import answers
from warehouse.dashboards import Where
from warehouse.oltp.sales import Stage
from warehouse.tenancy import Actor

LABELS = {
    "stage": ("Stage", "All stages"),
    "sales_rep": ("Sales rep", "Everyone"),
    "regional_office": ("Regional office", "All offices"),
    "product": ("Product", "All products"),
}
ADDRESSED = {"stage": "at", "sales_rep": "rep", "regional_office": "office", "product": "item"}
"""What the address calls them. The list of deals has names of its own: Streamlit lets nobody set a bound one."""
OPEN_STAGES = [stage for stage in Stage if stage.is_open]


@dataclass(frozen=True)
class Chosen:
    """What the person filtered by, in words people use."""

    words: dict[str, list[str]]

    @property
    def where(self) -> Where:
        """As a question holds it: stages by their name in the model."""
        named = {stage.label: stage.value for stage in Stage}
        return {
            name: tuple(named.get(word, word) if name == "stage" else word for word in words)
            for name, words in self.words.items()
            if words
        }

    def query(self, **more: list[str]) -> dict[str, list[str]]:
        """As an address holds it, with more chosen."""
        return {name: words for name, words in (self.words | more).items() if words}


def filters(actor: Actor, names: list[str], as_of: date) -> Chosen:
    """Draw one control per dimension that has something to choose."""
    words: dict[str, list[str]] = {}
    for name in (name for name in names if answers.offers(actor, name)):
        label, everything = LABELS[name]
        options = [s.label for s in OPEN_STAGES] if name == "stage" else answers.choices(actor, name, as_of)
        if len(options) > 1 or st.query_params.get(ADDRESSED[name]):
            words[name] = st.multiselect(
                label,
                options,
                key=ADDRESSED[name],
                bind="query-params",
                placeholder=everything,
                wrap=False,
            )
    return Chosen(words)
