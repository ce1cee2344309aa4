"""Home: how are we doing, against before, what moved it, and what waits for somebody?"""

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.attention import attention_card
from apps.ui.parts.changes import changes_card
from apps.ui.parts.dashboard_card import card_rows
from apps.ui.parts.empty import stop_without_numbers
from apps.ui.parts.figures import figure_cards
from apps.ui.parts.header import header
from apps.ui.parts.notices import notices
from apps.ui.parts.view_controls import view_of
from apps.ui.session import current_actor, signed_in
from warehouse.dashboards import Dashboard
from warehouse.metrics.dashboard import homes, known_to
from warehouse.tenancy import Actor


def home_of(actor: Actor) -> Dashboard:
    """What this person lands on: that of their function, or everybody's where they have none or several."""
    own = [homes()[one] for one in sorted(actor.functions) if one in homes()]
    return own[0] if len(own) == 1 else homes()["everybody"]


who, actor = signed_in(), current_actor()
header(who, actor, who.organization_name or "Home")
notices(who, actor, most=1)
stop_without_numbers(actor)
home = known_to(home_of(actor), answers.catalogue(actor))
opens = answers.opens_on(actor)
view, against = view_of(actor, home, opens, who.preferences.default_period)
if opens.data_ends_in_the_past:
    st.info(f"Data ends {formats.day(opens.as_of)}; showing {view.period.label}.", icon=":material/history:")
figure_cards(who, actor, home, view, against)
left, right = st.columns(2)
with left:
    if home.moves:
        changes_card(who, actor, home.moves, view)
with right:
    attention_card(actor)
card_rows(who, actor, home, view, against)
