"""Preferences: how do I want things, wherever I work?"""

import streamlit as st

from apps.ui import session
from apps.ui.parts.choices import locale_field, zone_field
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.rooms import rooms_of
from apps.ui.session import current_actor, signed_in
from warehouse.operations.identity import SignedIn
from warehouse.operations.preferences import Preferences
from warehouse.tenancy import Actor

NEW = "screens/organization_new.py"
PERIODS = {None: "As the screen does", "month": "The last month", "quarter": "The last quarter"}


def form(who: SignedIn, actor: Actor) -> None:
    """Everything a person may choose for themselves."""
    now = who.preferences
    pages = {None: "Home"} | {
        one.path: f"{room} · {one.title}" if room else one.title
        for room, screens in rooms_of(actor).items()
        for one in screens
        if one.path and one.visibility != "hidden"
    }
    companies = {None: "Ask me"} | {one.id: one.name for one in session.choices_of(who.user_id)}
    with st.form("preferences"):
        left, right = st.columns(2)
        with left:
            zone = zone_field(now.timezone, "preferences_zone", may_follow=True)
            locale = locale_field(now.locale, "preferences_locale", may_follow=True)
            company = choice("Sign in to", companies, now.default_organization) if len(companies) > 2 else None
        with right:
            page = choice("Begin on", pages, now.start_page)
            period = choice("Home shows", PERIODS, now.default_period)
        told = st.toggle("Mail me when somebody I invited has joined", value=now.tell_when_joined)
        asked = st.form_submit_button("Save", type="primary")
    st.caption("Light or dark: ⋮ → Settings in the corner of the window, for each browser. Security mails always come.")
    if asked:
        save(
            who,
            {
                "timezone": zone,
                "locale": locale,
                "start_page": page,
                "default_period": period,
                "default_organization": company,
                "tell_when_joined": told,
            },
        )


def choice(label: str, offered: dict[str | None, str], value: str | None) -> str | None:
    """One of several, the present one chosen."""
    keys = list(offered)
    return st.selectbox(
        label, keys, index=keys.index(value) if value in keys else 0, format_func=lambda one: offered[one]
    )


def save(who: SignedIn, values: dict[str, object]) -> None:
    """Keep what was chosen."""
    done = False
    with saving():
        session.save_preferences(who, Preferences.model_validate(values))
        done = True
    if done:
        say_next("Your preferences are saved")
        st.rerun()


who, actor = signed_in(), current_actor()
say_now()
st.title("Preferences", anchor=False)
with telling():
    form(who, actor)
    if session.may_found(who):
        st.page_link(NEW, label="Found another organization", icon=":material/add_business:")
