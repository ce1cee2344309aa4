"""New organization: what is it called, and how does it count?"""

import re

import streamlit as st

from apps.ui import session
from apps.ui.parts.choices import currency_field, locale_field, month_field, zone_field
from apps.ui.parts.entering import enter
from apps.ui.parts.problems import saving, telling
from apps.ui.session import signed_in
from warehouse.operations.founding import FoundOrganization
from warehouse.operations.identity import SignedIn

NAME, SLUG = "found_name", "found_slug"
SLUG_PATTERN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
SLUG_RULE = "Small letters, digits and hyphens; commands and addresses call it so. It stays as it is."


def propose() -> None:
    """Fill in the short name, from the name that was just typed."""
    st.session_state[SLUG] = session.proposed_slug(st.session_state[NAME])


def found(who: SignedIn, values: dict[str, object]) -> None:
    """Make it and go there."""
    made = ""
    if not str(values["name"]).strip() or not SLUG_PATTERN.fullmatch(str(values["slug"])):
        st.error(f"It needs a name and a short name. {SLUG_RULE}")
        return
    with saving():
        made = session.found(who, FoundOrganization.model_validate(values))
    if made:
        enter(who, made, "Your organization is founded. Invite your colleagues under Organization → Members")


who = signed_in()
st.title("New organization", anchor=False)
if not session.may_found(who):
    st.info("Only the operator of this installation founds organizations. Ask them for one.")
    st.stop()
with telling(), st.container(border=True, width=640):
    name = st.text_input("Name", key=NAME, max_chars=200, on_change=propose)
    slug = st.text_input("Short name", key=SLUG, max_chars=63, help=SLUG_RULE)
    left, right = st.columns(2)
    with left:
        currency = currency_field("USD", "found_currency")
        zone = zone_field(st.context.timezone or "UTC", "found_zone")
    with right:
        locale = locale_field("en_GB", "found_locale")
        month = month_field(1, "found_month")
    if st.button("Found it", type="primary"):
        found(
            who,
            {
                "name": name,
                "slug": slug,
                "currency": currency,
                "timezone": zone,
                "locale": locale,
                "fiscal_year_start_month": month,
            },
        )
