"""Going to work in an organization just joined or founded."""

import streamlit as st

from apps.ui import session
from apps.ui.parts.toasts import say_next
from warehouse.operations.identity import SignedIn

HOME = "screens/home.py"


def enter(who: SignedIn, organization_id: str, said: str) -> None:
    """Begin on the home screen of an organization, with a word of welcome."""
    session.choose(who, organization_id)
    say_next(said)
    st.switch_page(HOME)
