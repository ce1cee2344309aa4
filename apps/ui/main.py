"""Entry of the screens: who is here, and which rooms they may enter."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from apps.identity.pages import MARK, TAGLINE
from apps.ui import formats, session
from apps.ui.formats import plain
from apps.ui.parts.links import page_of
from apps.ui.parts.problems import tell_unforeseen
from apps.ui.parts.toasts import say_next
from apps.ui.reruns import begin_run
from apps.ui.rooms import HOME, JOIN, NEW_ORGANIZATION, own_screens, rooms_of
from warehouse.oltp.engine import StoreBusy, StoreMissing
from warehouse.operations.identity import NotAMember, OrganizationChoice, SignedIn, SignInOver
from warehouse.tenancy import Actor

# Streamlit writes white on primary buttons, which nobody can read on the light primary colour of the dark theme.
DARK_ON_PRIMARY = '<style>button[data-testid^="stBaseButton-primary"] { color: #0c1c1b; }</style>'
NO_INVITATION = "You are not a member of any organization. Ask an owner or admin of yours to invite you."
MAY_FOUND = " Or found one yourself."
# Where a tab remembers that it has been somewhere. A text of its own would be printed: Streamlit runs this file.
ARRIVED = "arrived"


def main() -> None:
    """Welcome a stranger, ask a newcomer for the organization, show everyone else their rooms."""
    st.set_page_config(page_title="Longhouse", page_icon=str(MARK), layout="wide")
    if st.context.theme.type == "dark":
        st.html(DARK_ON_PRIMARY)
    try:
        who = session.person()
    except (StoreMissing, StoreBusy) as failure:
        st.navigation(_pages(None, None), position="hidden")
        _card("Not available right now", str(failure))
        return
    if who and who.actor:
        _show(who, who.actor)
        return
    page = st.navigation(_pages(None, None), position="hidden")
    if who is None:
        _welcome(page)
    elif page.url_path in {JOIN.path, NEW_ORGANIZATION.path}:
        page.run()
    else:
        _choose(who)


def _pages(actor: Actor | None, who: SignedIn | None) -> dict[str, list[StreamlitPage]]:
    rooms = rooms_of(actor) | own_screens(who)
    return {room: [page_of(screen) for screen in screens] for room, screens in rooms.items()}


def _show(who: SignedIn, actor: Actor) -> None:
    st.logo(str(MARK), size="large")
    pages = _pages(actor, who)
    page = st.navigation(pages, expanded=True)
    if session.switched_elsewhere(actor):
        say_next(f"You are in {who.organization_name} now, as chosen in another tab; what was not saved is gone")
        st.switch_page(page_of(HOME))
    _begin_where_wanted(who, page, pages)
    formats.write_for(who.locale)
    st.set_page_config(page_title=f"{page.title} · Longhouse")
    with st.sidebar.container(gap="xsmall"):
        _foot(who, actor)
    session.watch(who)
    session.go_to(page.url_path)
    begin_run(who, actor)
    try:
        page.run()
    except Exception as failure:
        tell_unforeseen(failure)


def _begin_where_wanted(who: SignedIn, page: StreamlitPage, pages: dict[str, list[StreamlitPage]]) -> None:
    """Lead to the person's own first screen, once, when they came without an address of their own."""
    if st.session_state.get(ARRIVED):
        return
    st.session_state[ARRIVED] = True
    wanted = who.preferences.start_page
    if wanted and not page.url_path and not st.query_params:
        found = [one for room in pages.values() for one in room if one.url_path == wanted]
        if found:
            st.switch_page(found[0])


def _foot(who: SignedIn, actor: Actor) -> None:
    """Where one is, who one is, and the ways out."""
    st.markdown(f"**{plain(who.organization_name or '')}**")
    st.caption(plain(who.user_name))
    for invited in session.invitations_of(who):
        if st.button(f"Join {plain(invited.organization)}", icon=":material/group_add:", key=f"see_{invited.id}"):
            st.switch_page(page_of(JOIN))
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


def _welcome(page: StreamlitPage) -> None:
    if page.url_path == JOIN.path and st.query_params:
        # Whoever comes from the page of an invitation said there already that they want to sign in.
        st.login()
    with _card("", TAGLINE):
        if st.button("Sign in", type="primary", width="stretch"):
            st.login()


def _choose(who: SignedIn) -> None:
    choices, invited, may_found = session.choices_of(who.user_id), session.invitations_of(who), session.may_found(who)
    nowhere = "" if invited else NO_INVITATION + (MAY_FOUND if may_found else "")
    title, text = ("Choose an organization", "") if choices else ("No organization yet", nowhere)
    with _card(title, text):
        if invited and st.button("See your invitation", icon=":material/group_add:", type="primary", width="stretch"):
            st.switch_page(page_of(JOIN))
        for choice in choices:
            if st.button(plain(choice.name), key=f"enter_{choice.id}", width="stretch"):
                _enter(who, choice)
        if may_found and st.button("New organization", icon=":material/add_business:", width="stretch"):
            st.switch_page(page_of(NEW_ORGANIZATION))
        if st.button("Sign out", type="tertiary", width="stretch"):
            session.sign_out(who)


def _enter(who: SignedIn, choice: OrganizationChoice) -> None:
    """Begin on the home screen of an organization."""
    try:
        session.choose(who, choice.id)
    except (NotAMember, SignInOver, StoreBusy) as refusal:
        st.error(str(refusal))
    else:
        st.switch_page(page_of(HOME))


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
