"""Set-up: what a room is set up with, looked at now and then; the address says which room."""

import streamlit as st

from apps.ui import formats
from apps.ui.kinds import KINDS, Kind, Place
from apps.ui.parts.links import LIST, OF
from apps.ui.parts.problems import telling
from apps.ui.parts.toasts import say_now
from apps.ui.session import current_actor, screen_path
from warehouse.oltp.engine import reading_as
from warehouse.operations.reading import count_records
from warehouse.operations.records import room_of
from warehouse.tenancy import Actor


def kinds_of(actor: Actor, room: str) -> list[Kind]:
    """What the room is set up with and the actor may see."""
    kinds = [one for one in KINDS.values() if one.place is Place.SET_UP and room_of(one.table) == room]
    return [one for one in kinds if actor.may(one.permission)]


def card(kind: Kind, number: int) -> None:
    """One kind: what it is, how many there are, and the way to them."""
    with st.container(border=True, height="stretch"):
        st.page_link(LIST, label=f"**{kind.plural}**", icon=kind.icon, query_params={OF: kind.table})
        st.markdown(formats.plain(kind.told))
        told = f"{number:,} {kind.noun if number == 1 else kind.nouns}" if number else "None yet"
        st.caption(told)


actor, room = current_actor(), screen_path().removesuffix("-set-up")
say_now()
st.title(f"{room.capitalize()} set-up" if room else "Set-up", anchor=False)
with telling():
    shown = kinds_of(actor, room)
    if not shown:
        st.info("There is nothing to set up here. Choose a room in the menu.")
    with reading_as(actor) as session:
        counts = count_records(session, actor, [one.table for one in shown])
    with st.grid(3, min_column_width=250, gap="small"):
        for one in shown:
            card(one, counts.get(one.table, 0))
