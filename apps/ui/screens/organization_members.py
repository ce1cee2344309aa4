"""Members: who is here, what may each do, and who is on the way?"""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.invite import invite_dialog, open_invitation
from apps.ui.parts.member_drawer import leave_card, member_drawer, transfer_card
from apps.ui.parts.problems import telling
from apps.ui.parts.toasts import say_now
from apps.ui.parts.user_hook import user_hook_card
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as
from warehouse.operations.identity import SignedIn
from warehouse.operations.invitations import open_invitations
from warehouse.operations.members import MemberRow, list_members
from warehouse.tenancy import Actor

INVITE, MEMBER, ROUND = "invite", "member", "members_round"
ROW_PIXELS, HEAD_PIXELS, MOST = 36, 37, 20


def line(row: MemberRow, place: str) -> dict[str, str]:
    """A member as a row of the table."""
    seen = row.last_active_at
    return {
        "Name": row.member.name,
        "Role": row.member.access_role.value.capitalize(),
        "State": row.state,
        "Functions": ", ".join(row.functions) or formats.UNKNOWN,
        "Teams": ", ".join(row.teams) or formats.UNKNOWN,
        "E-mail": row.email or formats.UNKNOWN,
        "Last signed in": formats.since(seen, datetime.now(UTC), place) if seen else formats.UNKNOWN,
    }


def table(rows: list[MemberRow], place: str) -> None:
    """Everyone; a click on a row opens what can be done with the member."""
    shown = st.dataframe(
        [line(row, place) for row in rows],
        hide_index=True,
        key=f"members_{st.session_state.get(ROUND, 0)}",
        alt="Members; choose a row to open it",
        on_select="rerun",
        selection_mode="single-cell",
        row_height=ROW_PIXELS,
        height="content" if len(rows) <= MOST else HEAD_PIXELS + ROW_PIXELS * MOST,
        column_config={
            "Name": st.column_config.TextColumn(width=180),
            "E-mail": st.column_config.TextColumn(width=220),
        },
    )
    picked: Any = shown.get("selection", {}).get("cells") or []
    if picked and picked[0][0] < len(rows):
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.query_params[MEMBER] = rows[picked[0][0]].member.id
        st.rerun()


def invitations(who: SignedIn, actor: Actor) -> None:
    """Who was invited and has not come yet."""
    with reading_as(actor) as session:
        waiting = open_invitations(session, actor)
    if waiting:
        st.subheader("Open invitations", anchor=False)
        for one in waiting:
            open_invitation(actor, one, zone(who))


def dialogs(who: SignedIn, actor: Actor, rows: list[MemberRow]) -> None:
    """What the address asks for: the invitation's form, or one member."""
    if st.query_params.get(INVITE) and actor.may("organization:members"):
        invite_dialog(actor)
        return
    asked = st.query_params.get(MEMBER)
    found = next((row for row in rows if row.member.id == asked), None)
    if found:
        member_drawer(who, actor, found, {row.member.id: row.member.name for row in rows})


who, actor = signed_in(), current_actor()
say_now()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Members", anchor=False, width="content")
    if actor.may("organization:members") and st.button("Invite", type="primary", icon=":material/person_add:"):
        st.query_params.pop(MEMBER, "")
        st.query_params[INVITE] = "person"

with telling():
    with reading_as(actor) as store:
        members = list_members(store, actor)
    active = sum(row.state == "Active" for row in members)
    st.caption(f"{formats.counted(len(members), 'member')}, {active:,} active. Click one to open it.")
    table(members, zone(who))
    dialogs(who, actor, members)
    if actor.may("organization:members"):
        invitations(who, actor)
        with st.expander("Users from your identity provider"):
            user_hook_card(who, actor)
    with st.expander("Leave, or hand the organization over"):
        leave_card(who, actor)
        if actor.may("organization:delete"):
            transfer_card(who, actor, members)
