"""Dashboard: how one side of the business is doing; the address says which."""

from contextlib import suppress

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.dashboard_card import card_rows
from apps.ui.parts.empty import stop_without_numbers
from apps.ui.parts.figures import figure_cards
from apps.ui.parts.header import header
from apps.ui.parts.keeping import BOARD, board_of, tools
from apps.ui.parts.view_controls import view_of
from apps.ui.rooms import DASHBOARDS
from apps.ui.session import current_actor, screen_path, signed_in
from warehouse.metrics.dashboard import known_to, standard
from warehouse.oltp.engine import reading_as
from warehouse.operations.dashboards import find_dashboard
from warehouse.operations.declare import NotFound

who, actor = signed_in(), current_actor()
named = st.query_params.get(BOARD) or DASHBOARDS.get(screen_path(), "")
asked, kept = standard().get(named), None
if asked is None and named:
    with suppress(NotFound), reading_as(actor) as session:
        kept = find_dashboard(session, actor, named)
        asked = board_of(kept)
if asked is None:
    st.title("Not found", anchor=False)
    st.markdown("There is no such dashboard. Choose one in the menu; the link may not be whole.")
    st.stop()
header(who, actor, asked.title)
stop_without_numbers(actor)
if kept:
    tools(who, actor, kept)
dashboard = known_to(asked, answers.catalogue(actor))
opens = answers.opens_on(actor)
view, against = view_of(actor, dashboard, opens, who.preferences.default_period)
if opens.data_ends_in_the_past:
    st.info(f"Data ends {formats.day(opens.as_of)}; showing {view.period.label}.", icon=":material/history:")
figure_cards(who, actor, dashboard, view, against)
card_rows(who, actor, dashboard, view, against)
