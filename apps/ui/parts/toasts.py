"""Keeps a short message for the next screen to say."""

import streamlit as st

KEY = "toast"
SAVED = "Saved; dashboards follow with the next refresh"


def say_next(text: str) -> None:
    """Say this when the screen has been drawn again, here or elsewhere."""
    st.session_state[KEY] = text


def say_now() -> None:
    """Say what was kept, once."""
    text = st.session_state.pop(KEY, None)
    if text:
        st.toast(text, icon=":material/check_circle:", duration="long")
