"""My account, security: who can come in as me, with what, and from where?"""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from apps.identity.qr import qr_png
from apps.ui import formats, session
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import SignInSession
from warehouse.operations import resets, second_factor, security_events, sessions
from warehouse.operations.identity import SignedIn
from warehouse.operations.passwords import PASSWORD_MINIMUM, PasswordRefused
from warehouse.operations.second_factor import WrongCode
from warehouse.operations.throttle import TooManyAttempts
from warehouse.secrets import KeyMissing

ENROLMENT, CODES, PROBLEM = "totp_enrolment", "recovery_codes", "security_problem"
REFUSALS = (PasswordRefused, WrongCode, TooManyAttempts, KeyMissing)


def attempt(work: Callable[[], None], said: str, place: str) -> None:
    """Do it and say so, or keep what is wrong for the card where it was asked for."""
    try:
        with saving():
            work()
            say_next(said)
    except REFUSALS as refusal:
        st.session_state[PROBLEM] = (place, str(refusal))


def problem(place: str) -> None:
    """What went wrong in this card just now, said once."""
    kept = st.session_state.get(PROBLEM)
    if kept and kept[0] == place:
        del st.session_state[PROBLEM]
        st.error(kept[1])


def password_card(who: SignedIn) -> None:
    """Change the password."""
    with st.container(border=True):
        st.subheader("Password", anchor=False)
        problem("password")
        with st.form("password", border=False, clear_on_submit=True):
            old = st.text_input("Present password", type="password", autocomplete="current-password")
            new = st.text_input("New password", type="password", autocomplete="new-password")
            again = st.text_input("New password once more", type="password", autocomplete="new-password")
            st.caption(
                f"At least {PASSWORD_MINIMUM} characters; several words work well. Everywhere else you are signed out."
            )
            asked = st.form_submit_button("Change password", type="primary")
        if asked:
            attempt(lambda: change_password(who, old, new, again), "Your password is changed", "password")
            st.rerun()


def change_password(who: SignedIn, old: str, new: str, again: str) -> None:
    """Check the three fields and store the new password."""
    if new != again:
        raise PasswordRefused("The two new passwords are not the same.")
    session.prove_password(who, old)
    with writing() as store:
        resets.change_password(store, who.user_id, old, new, datetime.now(UTC), keeping=who.session_id)


def second_factor_card(who: SignedIn) -> None:
    """Turn the authenticator app on and off, and make recovery codes."""
    with reading() as store:
        is_on = second_factor.is_on(store, who.user_id)
        left = second_factor.recovery_codes_left(store, who.user_id)
        required = security_events.requires_totp(store, who.user_id)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader("Authenticator app", anchor=False, width="content")
            st.badge("On" if is_on else "Off", color="green" if is_on else "gray")
        problem("totp")
        if st.session_state.get(CODES):
            show_codes(st.session_state[CODES])
        elif is_on:
            turned_on(who, left, required)
        elif ENROLMENT in st.session_state:
            enrol(who)
        else:
            st.markdown("Besides your password, sign-in then asks for a code that only your phone shows.")
            st.button("Turn on", type="primary", icon=":material/qr_code_2:", on_click=propose, args=(who,))


def propose(who: SignedIn) -> None:
    """Begin to set up an app."""
    st.session_state[ENROLMENT] = second_factor.propose(who.email)


def enrol(who: SignedIn) -> None:
    """Show the secret to the app, and take its first code."""
    shown = st.session_state[ENROLMENT]
    st.markdown("Scan this with an authenticator app, or type the secret below it into the app.")
    st.image(qr_png(shown.address), width=200)
    st.code(shown.secret, language=None, wrap_lines=True)
    with st.form("totp", border=False):
        code = st.text_input("Code the app shows now", autocomplete="one-time-code", max_chars=10)
        with st.container(horizontal=True):
            asked = st.form_submit_button("Turn on", type="primary")
            left = st.form_submit_button("Not now")
    if left:
        del st.session_state[ENROLMENT]
        st.rerun()
    if asked:
        attempt(lambda: confirm(who, shown.secret, code), "Your authenticator app is set up", "totp")
        st.rerun()


def confirm(who: SignedIn, secret: str, code: str) -> None:
    """Turn it on and keep the recovery codes for the next look."""
    with writing() as store:
        codes = second_factor.confirm(store, who.user_id, secret, code, datetime.now(UTC))
    st.session_state[CODES] = codes
    del st.session_state[ENROLMENT]


def show_codes(codes: list[str]) -> None:
    """The recovery codes, until they are put away."""
    st.markdown("**Your recovery codes.** Each lets you in once when the app is lost. They are not shown again.")
    st.code("\n".join(codes), language=None)
    if st.button("I have kept them", type="primary"):
        del st.session_state[CODES]
        st.rerun()


def turned_on(who: SignedIn, left: int, required: bool) -> None:
    """What can be done once it is on; each takes the password."""
    st.markdown(f"Sign-in asks for its code. {formats.counted(left, 'recovery code')} left.")
    if required:
        st.caption("Your organization asks for it, so it cannot be turned off.")
    with st.form("totp_on", border=False, clear_on_submit=True):
        password = st.text_input("Your password, to change anything here", type="password")
        with st.container(horizontal=True):
            new = st.form_submit_button("New recovery codes")
            off = not required and st.form_submit_button("Turn off")
    if new:
        attempt(lambda: new_codes(who, password), "There are new recovery codes", "totp")
        st.rerun()
    if off:
        attempt(lambda: turn_off(who, password), "The authenticator app is turned off", "totp")
        st.rerun()


def new_codes(who: SignedIn, password: str) -> None:
    """Make new recovery codes for somebody who gives the password."""
    session.prove_password(who, password)
    with writing() as store:
        st.session_state[CODES] = second_factor.new_recovery_codes(store, who.user_id, datetime.now(UTC))


def turn_off(who: SignedIn, password: str) -> None:
    """Turn the second factor off for somebody who gives the password."""
    session.prove_password(who, password)
    with writing() as store:
        second_factor.turn_off(store, who.user_id, datetime.now(UTC))


def sessions_card(who: SignedIn, place: str) -> None:
    """Where I am signed in, and the ways to end it."""
    with reading() as store:
        live = sessions.list_live(store, who.user_id, datetime.now(UTC))
    with st.container(border=True):
        st.subheader("Where you are signed in", anchor=False)
        for one in live:
            session_line(who, one, place)
        if st.button("Sign out everywhere", icon=":material/logout:", help="This browser too."):
            with saving(), writing() as store:
                sessions.close_all(store, who.user_id, datetime.now(UTC))
            session.sign_out(who)


def session_line(who: SignedIn, one: SignInSession, place: str) -> None:
    """One sign-in: with what, from where, since when."""
    now = datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        seen = formats.since(one.last_seen_at or one.created_at, now, place)
        by = f" · {formats.plain(one.provider)}" if one.provider else ""
        with st.container(gap=None, width="content"):
            st.markdown(f"**{formats.plain(one.agent or 'An unknown browser')}**")
            st.caption(f"{formats.plain(one.address or 'unknown address')}{by} · last used {seen}")
        if one.id == who.session_id:
            st.badge("This browser", color="green")
        elif st.button("Sign out", key=f"end_{one.id}"):
            with saving(), writing() as store:
                sessions.close_one(store, who.user_id, one.id, now)
                say_next("Signed out there")
            st.rerun()


who, actor = signed_in(), current_actor()
say_now()
st.title("Security", anchor=False)
with telling():
    zone_name = zone(who)
    left, right = st.columns(2)
    with left:
        password_card(who)
    with right:
        second_factor_card(who)
    sessions_card(who, zone_name)
