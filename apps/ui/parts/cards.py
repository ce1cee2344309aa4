"""The frame around a chart: its title on the left, what can be done with it on the right."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def card_head(title: str) -> DeltaGenerator:
    """The first line of a card; what is drawn into it later stands on the right."""
    head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    head.markdown(f"**{title}**", width="content")
    return head
