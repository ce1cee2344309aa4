"""Draws what a thing is made from and what stands on it."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.inventories import ICONS, thing_link
from warehouse.metrics.inventory import Entry, Inventory, Kind

MOST_DRAWN = 9
"""Things of one kind beside each other; more of them are one box with their number."""
NOUNS = {Kind.STORE: "store table", Kind.MODEL: "model table", Kind.METRIC: "metric", Kind.DASHBOARD: "dashboard"}
CHOSEN, DRAWN = "chosen", "lineage_drawn"
# Shrunk to a phone's width nobody can read it; the links below say the same.
NOT_ON_A_PHONE = f"<style>@media (max-width: 640px) {{ .st-key-{DRAWN} {{ display: none; }} }}</style>"


def lineage(there: Inventory, entry: Entry) -> None:
    """The way of the data through a thing, and every step of it as links."""
    above, below = there.above(entry.key), there.below(entry.key)
    with st.container(border=True):
        st.markdown("**Lineage**")
        if not above and not below:
            st.caption("It is made from nothing here, and nothing stands on it.")
            return
        st.html(NOT_ON_A_PHONE)
        with st.container(key=DRAWN):
            st.mermaid_chart(diagram(there, entry), alt=in_words(there, entry, above, below))
        left, right = st.columns(2)
        with left:
            links(there, "Made from", above)
        with right:
            links(there, "What stands on it", below)


def in_words(there: Inventory, entry: Entry, above: list[str], below: list[str]) -> str:
    """What the drawing shows, for people who listen."""
    return f"{entry.label}: made from {counted(there, above) or 'nothing'}; under {counted(there, below) or 'nothing'}"


def counted(there: Inventory, keys: list[str]) -> str:
    """`3 store tables, 1 metric`."""
    kinds = [there.entries[key].kind for key in keys]
    return ", ".join(formats.counted(kinds.count(kind), noun) for kind, noun in NOUNS.items() if kind in kinds)


def links(there: Inventory, title: str, keys: list[str]) -> None:
    """The things of one direction, floor by floor."""
    st.markdown(f":small[{title}]")
    if not keys:
        st.caption("Nothing.")
    for kind, noun in NOUNS.items():
        found = sorted(
            (there.entries[key] for key in keys if there.entries[key].kind is kind), key=lambda one: one.label
        )
        if found:
            with st.expander(formats.counted(len(found), noun), icon=ICONS[kind]):
                for one in found:
                    thing_link(one)


def diagram(there: Inventory, entry: Entry) -> str:
    """The drawing in Mermaid's language: left to right, the chosen thing marked, what is too many in one box."""
    above, below = there.above(entry.key), there.below(entry.key)
    boxes = _boxes(there, above, "above") | _boxes(there, below, "below") | {entry.key: CHOSEN}
    names = {CHOSEN: entry.label} | _names(there, above, "above") | _names(there, below, "below")
    steps = dict.fromkeys(
        (boxes[parent], boxes[key])
        for key in (*above, entry.key, *below)
        for parent in there.entries[key].made_from
        if parent in boxes and boxes[parent] != boxes[key]
    )
    # A step between two of many would draw a circle around the chosen thing: the way leads through it.
    across = {("above", "below")}
    lines = [f'  {box}["{_safe(name)}"]' for box, name in names.items()]
    lines += [f"  {parent} --> {child}" for parent, child in steps if (parent[:5], child[:5]) not in across]
    return "\n".join(["flowchart LR", *lines, f"  style {CHOSEN} stroke-width:3px"])


def _by_kind(there: Inventory, keys: list[str]) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for key in keys:
        found.setdefault(there.entries[key].kind, []).append(key)
    return found


def _boxes(there: Inventory, keys: list[str], side: str) -> dict[str, str]:
    """Key → the box it is drawn in."""
    return {
        key: f"{side}_{kind.value}" if len(found) > MOST_DRAWN else f"{side}_{kind.value}_{number}"
        for kind, found in _by_kind(there, keys).items()
        for number, key in enumerate(found)
    }


def _names(there: Inventory, keys: list[str], side: str) -> dict[str, str]:
    """Box → what is written in it."""
    boxes = _boxes(there, keys, side)
    named: dict[str, str] = {}
    for kind, found in _by_kind(there, keys).items():
        for key in found:
            many = len(found) > MOST_DRAWN
            named[boxes[key]] = formats.counted(len(found), NOUNS[kind]) if many else there.entries[key].label
    return named


def _safe(text: str) -> str:
    """Mermaid's own marks as the signs they are."""
    return "".join(mark if mark.isalnum() or mark in " _-.,()'" else f"#{ord(mark)};" for mark in text)
