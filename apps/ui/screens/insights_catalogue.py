"""Catalogue: every table, column, metric and dashboard, what each is made from and what stands on it."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.inventories import (
    FLOORS,
    ICONS,
    THING,
    board_link,
    explore_link,
    metric_link,
    whole_inventory,
)
from apps.ui.parts.lineage import lineage
from apps.ui.parts.problems import telling
from apps.ui.parts.rows import clickable
from apps.ui.session import current_actor, signed_in
from warehouse.metrics.inventory import Entry, Inventory, Kind
from warehouse.metrics.serving import serving_as

ROUND = "catalogue_round"
EVERYTHING = "Everything"
TAGS = {
    "business": "",
    "personal": "Identifies people; never leaves the store for the lake",
    "restricted": "Only for the roles that may see it",
}


def back() -> None:
    """To the list of everything."""
    st.query_params.pop(THING, "")


def choose(there: Inventory) -> list[Entry]:
    """The things that a person looks for."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        words = st.text_input(
            "Find", key="find", bind="query-params", type="search", placeholder="A table, a column, a tag or a number"
        )
    with right:
        floors = {label: kind for kind, label in FLOORS.items()}
        label = st.pills("Floor", [EVERYTHING, *floors], default=EVERYTHING, key="floor", required=True)
    kind = floors.get(str(label))
    return [one for one in there.entries.values() if (kind is None or one.kind is kind) and one.speaks_of(words or "")]


def table(found: list[Entry]) -> None:
    """The things; a click opens one."""
    picked = clickable(
        [
            {
                "Name": one.label,
                "Floor": FLOORS[one.kind],
                "What it is": one.description or formats.UNKNOWN,
                "Owner": one.owner.capitalize() or formats.UNKNOWN,
            }
            for one in found
        ],
        key=f"catalogue_{st.session_state.get(ROUND, 0)}",
        alt_text="Things of the catalogue; choose a row to open one",
        columns={
            "Name": st.column_config.TextColumn(width=230),
            "Floor": st.column_config.TextColumn(width=100),
            "What it is": st.column_config.TextColumn(width=520),
        },
        most=15,
    )
    if picked is not None:
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.query_params[THING] = found[picked].key
        st.rerun()


def columns(entry: Entry) -> None:
    """The columns of a table, with their tags."""
    with st.container(border=True):
        st.markdown(f"**{formats.counted(len(entry.columns), 'column')}**")
        st.dataframe(
            [
                {"Column": one.name, "Type": one.type, "Tag": one.privacy, "What it is": one.description}
                for one in entry.columns
            ],
            hide_index=True,
            height="content" if len(entry.columns) <= 12 else 470,
            alt=f"Columns of {entry.label}",
            column_config={
                "Column": st.column_config.TextColumn(width=220),
                "Type": st.column_config.TextColumn(width=120),
                "Tag": st.column_config.TextColumn(width=100),
                "What it is": st.column_config.TextColumn(width=420),
            },
        )
        for tag in sorted({one.privacy for one in entry.columns} - {"business"}):
            st.caption(f"**{tag}**: {TAGS[tag]}.")


def one_thing(there: Inventory, entry: Entry) -> None:
    """Everything about one of them."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(formats.plain(entry.label), anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if entry.kind is Kind.METRIC:
                explore_link(entry.label)
                metric_link(entry)
            elif entry.kind is Kind.DASHBOARD:
                board_link(entry)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.badge(FLOORS[entry.kind], icon=ICONS[entry.kind], color="gray")
        if entry.owner:
            st.badge(f"Answered for by {entry.owner}", icon=":material/person:", color="gray")
    if entry.description:
        st.markdown(formats.plain(entry.description))
    lineage(there, entry)
    if entry.columns:
        columns(entry)


who, actor = signed_in(), current_actor()
asked = st.query_params.get(THING, "")
if asked:
    st.button("The whole catalogue", icon=":material/arrow_back:", type="tertiary", on_click=back)
st.title("Catalogue", anchor=False)
with telling():
    there = whole_inventory(actor, serving_as(actor))
    if asked in there.entries:
        one_thing(there, there.entries[asked])
    elif asked:
        st.info("There is no such thing in the catalogue, or not for you. The link may not be whole.")
    else:
        st.markdown(
            "From the tables people write into, over the business model, to the numbers and where they are shown."
        )
        found = choose(there)
        st.caption(f"{formats.counted(len(found), 'thing')}. Click one to see its columns and its lineage.")
        if found:
            table(found)
        else:
            st.info("Nothing is called that. Try fewer words, or another floor.")
