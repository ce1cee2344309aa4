"""Entry of the screens: who is here, and which rooms they may enter."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from apps.identity.pages import MARK, TAGLINE
from apps.ui import session
from apps.ui.formats import plain
from apps.ui.rooms import HOME, Screen, rooms_of
from warehouse.oltp.engine import StoreBusy, StoreMissing
from warehouse.operations.identity import NotAMember, OrganizationChoice, SignedIn, SignInOver
from warehouse.tenancy import Actor

SCREENS = Path(__file__).parent / "screens"
# Streamlit writes white on primary buttons, which nobody can read on the light primary colour of the dark theme.
DARK_ON_PRIMARY = '<style>button[data-testid^="stBaseButton-primary"] { color: #0c1c1b; }</style>'
NOWHERE = "You are not a member of any organization. Ask an owner or admin of yours to add you."


def main() -> None:
    """Welcome a stranger, ask a newcomer for the organization, show everyone else their rooms."""
    st.set_page_config(page_title="Longhouse", page_icon=str(MARK), layout="wide")
    if st.context.theme.type == "dark":
        st.html(DARK_ON_PRIMARY)
    try:
        who = session.person()
    except (StoreMissing, StoreBusy) as failure:
        st.navigation(_pages(None), position="hidden")
        _card("Not available right now", str(failure))
        return
    if who and who.actor:
        _show(who, who.actor)
        return
    st.navigation(_pages(None), position="hidden")
    if who:
        _choose(who)
    else:
        _welcome()


def _pages(actor: Actor | None) -> dict[str, list[StreamlitPage]]:
    return {room: [_page(screen) for screen in screens] for room, screens in rooms_of(actor).items()}


def _page(screen: Screen) -> StreamlitPage:
    return st.Page(
        SCREENS / screen.file,
        title=screen.title,
        icon=screen.icon,
        url_path=screen.path,
        default=screen is HOME,
        visibility=screen.visibility,
    )


def _show(who: SignedIn, actor: Actor) -> None:
    st.logo(str(MARK), size="large")
    page = st.navigation(_pages(actor))
    st.set_page_config(page_title=f"{page.title} · Longhouse")
    with st.sidebar.container(gap="xsmall"):
        _foot(who, actor)
    page.run()


def _foot(who: SignedIn, actor: Actor) -> None:
    """Where one is, who one is, and the ways out."""
    st.markdown(f"**{plain(who.organization_name or '')}**")
    st.caption(plain(who.user_name))
    others = [choice for choice in session.choices_of(who.user_id) if choice.id != actor.organization_id]
    if others:
        wanted = st.menu_button(
            "Switch organization",
            others,
            icon=":material/swap_horiz:",
            width="stretch",
            format_func=lambda choice: plain(choice.name),
        )
        if wanted:
            _enter(who, wanted)
    if st.button("Sign out", icon=":material/logout:", width="stretch"):
        session.sign_out(who)


def _welcome() -> None:
    with _card("", TAGLINE):
        if st.button("Sign in", type="primary", width="stretch"):
            st.login()


def _choose(who: SignedIn) -> None:
    choices = session.choices_of(who.user_id)
    title, text = ("Choose an organization", "") if choices else ("No organization yet", NOWHERE)
    with _card(title, text):
        for choice in choices:
            if st.button(plain(choice.name), key=f"enter_{choice.id}", width="stretch"):
                _enter(who, choice)
        if st.button("Sign out", type="tertiary", width="stretch"):
            session.sign_out(who)


def _enter(who: SignedIn, choice: OrganizationChoice) -> None:
    """Begin on the home screen of an organization."""
    try:
        session.choose(who, choice.id)
    except (NotAMember, SignInOver, StoreBusy) as refusal:
        st.error(str(refusal))
    else:
        st.switch_page(_page(HOME))


def _card(title: str, text: str) -> DeltaGenerator:
    """A calm card in the middle of an empty page, to be filled below its text."""
    with st.container(horizontal_alignment="center"):
        st.space("large")
        card = st.container(border=True, width=420)
    with card:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.image(str(MARK), width=44, alt="")
            st.title("Longhouse", anchor=False, width="content")
        if title:
            st.header(title, anchor=False)
        if text:
            st.markdown(text)
    return card


if __name__ == "__main__":
    main()
