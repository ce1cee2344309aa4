"""Dashboard: how one side of the business is doing; the address says which."""

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.dashboard_card import card_rows
from apps.ui.parts.empty import stop_without_numbers
from apps.ui.parts.figures import figure_cards
from apps.ui.parts.header import header
from apps.ui.parts.view_controls import view_of
from apps.ui.rooms import DASHBOARDS
from apps.ui.session import current_actor, screen_path, signed_in
from warehouse.metrics.dashboard import standard

# The part of an address that names a dashboard, where its path does not. Streamlit prints a text that stands alone.
BOARD = "board"

who, actor = signed_in(), current_actor()
named = st.query_params.get(BOARD) or DASHBOARDS.get(screen_path(), "")
asked = standard().get(named)
if asked is None:
    st.title("Not found", anchor=False)
    st.markdown("There is no such dashboard. Choose one in the menu; the link may not be whole.")
    st.stop()
header(who, actor, asked.title)
stop_without_numbers(actor)
dashboard = asked.known_to(answers.catalogue(actor))
opens = answers.opens_on(actor)
view, against = view_of(actor, dashboard, opens, who.preferences.default_period)
if opens.data_ends_in_the_past:
    st.info(f"Data ends {formats.day(opens.as_of)}; showing {view.period.label}.", icon=":material/history:")
figure_cards(who, actor, dashboard, view, against)
card_rows(who, actor, dashboard, view, against)
