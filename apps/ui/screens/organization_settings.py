"""Organization settings: what is it called, how does it count, and how safe must sign-in be?"""

import streamlit as st

from apps.ui.parts.choices import currency_field, locale_field, month_field, zone_field
from apps.ui.parts.departing import departing_card
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.organization_settings import EditSettings, Settings, edit_settings, read_settings
from warehouse.tenancy import Actor

QUIET_FROM, QUIET_UNTIL = "No mails from", "Until"
HOURS = [f"{hour:02}:00" for hour in range(24)]


def _at(hour: str | None) -> int:
    return 1 + HOURS.index(hour) if hour in HOURS else 0


def form(actor: Actor, now: Settings) -> None:
    """Everything that can be set."""
    with st.form("settings"):
        name = st.text_input("Name", now.name, max_chars=200)
        st.caption(f"Commands and addresses call it {now.slug}; that stays.")
        left, right = st.columns(2)
        with left:
            currency = currency_field(now.currency, "settings_currency")
            zone = zone_field(now.timezone, "settings_zone")
        with right:
            locale = locale_field(now.locale, "settings_locale")
            month = month_field(now.fiscal_year_start_month, "settings_month")
            quiet = st.columns(2)
            starts, ends = (
                quiet[place].selectbox(
                    label, [None, *HOURS], _at(now_is), format_func=lambda hour: hour or "None", key=f"settings_{label}"
                )
                for place, (label, now_is) in enumerate(((QUIET_FROM, now.quiet_from), (QUIET_UNTIL, now.quiet_until)))
            )
        totp = st.toggle(
            "Members sign in with a code from an authenticator app besides the password", value=now.require_totp
        )
        asked = st.form_submit_button("Save", type="primary")
    if asked:
        save(
            actor,
            {
                "name": name,
                "currency": currency,
                "timezone": zone,
                "locale": locale,
                "fiscal_year_start_month": month,
                "require_totp": totp,
                "quiet_from": starts if starts and ends else None,
                "quiet_until": ends if starts and ends else None,
            },
        )


def save(actor: Actor, values: dict[str, object]) -> None:
    """Write what was chosen."""
    done = False
    with saving(), writing_as(actor) as session:
        edit_settings(session, actor, EditSettings.model_validate(values))
        done = True
    if done:
        say_next("The settings are saved")
        st.rerun()


who, actor = signed_in(), current_actor()
say_now()
st.title("Settings", anchor=False)
with telling():
    actor.must("organization:settings")
    with reading_as(actor) as store:
        found = read_settings(store, actor)
    form(actor, found)
    if actor.may("organization:delete"):
        departing_card(who, actor)
